"""Our requests to hubs of others: whether they can reach us, subscribe, or leave (WebSub §5.1).

In: a client, a subscription and the public address of its callback. Out: how it went. The hub
may call back while our request is still open: who calls here must not hold anything meanwhile.
"""

from __future__ import annotations

import ipaddress
from typing import Literal
from urllib.parse import urlencode, urlsplit

from aggregator.deliver.hub import FORM, Sent, asked_wait_s
from aggregator.http.addresses import is_public
from aggregator.http.client import Client
from aggregator.http.errors import HttpError, clean_text
from aggregator.http.groups import group_of, is_shared
from aggregator.model.push import Subscription

#: seconds we ask a hub to push for
LEASE_S = 10 * 86_400
#: some hubs call back before they answer
_ASK_S = 30.0
_MOST_REDIRECTS = 4
#: names that nobody on the public internet has (RFC 6761)
_NOWHERE = (".test", ".example", ".invalid")


def is_reachable(url: str) -> bool:
    """Say whether *url* can be called from the public internet, as far as it tells by itself."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return is_shared(group_of(url)) and not host.endswith(_NOWHERE)


async def ask_hub(
    client: Client, subscription: Subscription, callback: str, mode: Literal["subscribe", "unsubscribe"]
) -> Sent:
    """Send our request; redirects 307 and 308 are followed with it, to allowed addresses only (§5.1.1)."""
    form = {"hub.mode": mode, "hub.topic": subscription.topic, "hub.callback": callback}
    if mode == "subscribe":
        form["hub.lease_seconds"] = str(LEASE_S)
        # over plain http too: whoever listens there hears the callback as well, and others are kept out
        form["hub.secret"] = subscription.secret
    try:
        answer = await client.request(
            "POST",
            subscription.hub,
            headers=(("Content-Type", FORM),),
            body=urlencode(form).encode(),
            timeout_s=_ASK_S,
            max_redirects=_MOST_REDIRECTS,
        )
    except HttpError as error:
        return Sent("failed", error.reason)
    if any(hop.status not in (307, 308) for hop in answer.hops):
        return Sent("refused", f"the hub redirects our request away ({answer.hops[0].status})")
    if 200 <= answer.status < 300:
        return Sent("ok")
    said = clean_text(answer.body[:200].decode("utf-8", "replace"), 160)
    reason = f"the hub answered {answer.status}" + (f": {said}" if said else "")
    return Sent("refused", reason, wait_s=asked_wait_s(answer))
