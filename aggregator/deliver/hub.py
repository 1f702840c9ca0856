"""Our hub's own requests: confirming what somebody asked for, and handing out what changed.

In: a client and what is to be sent. Out: how it went, as a value; nothing is raised for what
subscribers do. Nothing is stored here.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from aggregator.deliver.signature import HEADER, sign
from aggregator.http.answer import Answer
from aggregator.http.client import Client
from aggregator.http.errors import HttpError, Refused
from aggregator.http.freshness import retry_seconds
from aggregator.http.shape import Headers
from aggregator.model.push import Dispatch, HubRequest

#: seconds for a subscriber to answer; its answer says nothing, so it may be short
VERIFY_S, DELIVER_S = 10.0, 10.0
#: bytes of the answer to a challenge that are read: more than any challenge has
_ENOUGH_BYTES = 1024
#: a wish to be left alone longer is shortened, as at sources
LONGEST_WAIT_S = 2 * 86_400.0
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request of ours."""

    #: "gone": never again; "refused": the other side said no; "failed": try again later
    outcome: Literal["ok", "refused", "gone", "failed"]
    #: one sentence; empty when all is well
    reason: str = ""
    #: seconds to wait before the next try, as the other side wishes; bounded
    wait_s: float = 0.0


async def verify(client: Client, request: HubRequest, challenge: str) -> Sent:
    """Ask the callback whether it wants what *request* says (WebSub §5.3), or tell it no (§5.2)."""
    said = {"hub.mode": request.mode, "hub.topic": request.topic}
    if request.mode == "denied":
        said["hub.reason"] = "this feed is not published any more"
    else:
        said["hub.challenge"] = challenge
    if request.mode == "subscribe":
        said["hub.lease_seconds"] = str(request.lease_s)
    try:
        answer = await client.request(
            "GET",
            with_query(request.callback, said),
            timeout_s=VERIFY_S,
            max_redirects=0,
            enough_bytes=_ENOUGH_BYTES,
        )
    except HttpError as error:
        return Sent("refused" if isinstance(error, Refused) else "failed", error.reason)
    if answer.status >= 500 or answer.status == 429:
        return Sent("failed", f"the callback answered {answer.status}")
    if request.mode == "denied":
        return Sent("ok")
    echoed = hmac.compare_digest(answer.body.strip(), challenge.encode())
    if not 200 <= answer.status < 300 or not echoed:
        return Sent("refused", f"the callback answered {answer.status} and did not confirm")
    return Sent("ok")


async def deliver(
    client: Client, dispatch: Dispatch, body: bytes, content_type: str, links: tuple[str, ...]
) -> Sent:
    """Post the feed's document to a subscriber (WebSub §7).

    Args:
        links: values of the Link header: at least hub and self.
    """
    headers = [("Link", ", ".join(links))]
    if dispatch.secret is not None:
        headers.append((HEADER, sign(dispatch.secret, body)))
    return await post(client, dispatch.callback, body, content_type, tuple(headers), timeout_s=DELIVER_S)


async def ping(client: Client, hub: str, topic: str) -> Sent:
    """Tell a hub of somebody else that *topic* has changed."""
    # old hubs look for hub.url, newer ones for hub.topic
    body = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()
    sent = await post(client, hub, body, FORM, timeout_s=DELIVER_S)
    return replace(sent, outcome="failed") if sent.outcome == "gone" else sent


async def post(
    client: Client,
    url: str,
    body: bytes,
    content_type: str,
    headers: Headers = (),
    *,
    timeout_s: float | None = None,
) -> Sent:
    """Post *body*; whoever answers 2xx has it, whatever comes behind the status."""
    try:
        answer = await client.request(
            "POST",
            url,
            headers=(("Content-Type", content_type), *headers),
            body=body,
            timeout_s=timeout_s,
            max_redirects=0,
        )
    except HttpError as error:
        return Sent("refused" if isinstance(error, Refused) else "failed", error.reason)
    if 200 <= answer.status < 300:
        return Sent("ok")
    if answer.status == 410:
        return Sent("gone", "it answered 410 Gone")
    return Sent("failed", f"it answered {answer.status}", wait_s=asked_wait_s(answer))


def asked_wait_s(answer: Answer) -> float:
    """Return for how many seconds an answer wishes to be left alone; 0 if it does not say."""
    if answer.status not in {429, 503}:
        return 0.0
    return min(max(retry_seconds(answer.headers, datetime.now(UTC)) or 0.0, 0.0), LONGEST_WAIT_S)


def with_query(url: str, said: dict[str, str]) -> str:
    """Return *url* with more query parameters; those it has stay (WebSub §5.3)."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(said)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
