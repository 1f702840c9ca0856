"""What was asked of our hub, until the callback has confirmed it or failed to.

In: wishes, then what the callback said. Out: requests to confirm; confirmed ones become rows of
hub_subscriptions. A wish never changes a subscription before it is confirmed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from ipaddress import IPv6Network
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from aggregator.http.groups import group_of, is_shared
from aggregator.model.json_values import clean
from aggregator.model.push import HubRequest
from aggregator.store.dialect import insert
from aggregator.store.holders import FREE, claim_due, finish
from aggregator.store.rows import value_of
from aggregator.store.sources.slugs import host_of
from aggregator.store.tables import feeds, hub_requests, hub_subscriptions, hub_topics

r, s = hub_requests.c, hub_subscriptions.c
#: waiting requests in all, and for callbacks at one place: nobody uses us to shout at others
MOST_WAITING, MOST_WAITING_OF_HOST = 5000, 200
#: subscriptions that callbacks at one place may hold: a reader of all our feeds needs far fewer
MOST_OF_HOST = 5000
#: bits that addresses of one IPv6 network have in common (RFC 6177)
_ONE_SITE = 64
#: a callback that cannot be reached is tried again after these seconds
RETRY_S = (10, 60)


def add_request(connection: Connection, request: HubRequest, now: datetime) -> bool:
    """Keep a wish until it is confirmed; False if too many wait, or too many are that host's, already.

    A later wish of the same callback for the same topic takes the place of an earlier one.
    """
    host = place_of(request.callback)
    own = identity_of(request.callback, request.topic)
    waiting = select(func.count()).select_from(hub_requests).where(r.identity != own)
    if (connection.scalar(waiting) or 0) >= MOST_WAITING:
        return False
    if (connection.scalar(waiting.where(r.host == host)) or 0) >= MOST_WAITING_OF_HOST:
        return False
    held = select(func.count()).select_from(hub_subscriptions).where(s.host == host, s.identity != own)
    if request.mode == "subscribe" and (connection.scalar(held) or 0) >= MOST_OF_HOST:
        return False
    values = {**_values(request, host), "due_at": now, "tries": 0, **FREE}
    statement = insert(connection, hub_requests).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["identity"], set_=values))
    return True


def claim_requests(
    connection: Connection, now: datetime, *, limit: int, seconds: float
) -> tuple[HubRequest, ...]:
    """Claim requests whose callbacks are to be asked now, the oldest first."""
    rows, token = claim_due(connection, hub_requests, now, limit=limit, seconds=seconds)
    return tuple(value_of(HubRequest, row, token=token) for row in rows)


def confirm(connection: Connection, request: HubRequest, now: datetime) -> None:
    """Carry out a request that its callback confirmed."""
    if not _end(connection, request):
        return
    if request.mode == "subscribe":
        subscribe(connection, request, now)
        return
    identity = identity_of(request.callback, request.topic)
    connection.execute(delete(hub_subscriptions).where(s.identity == identity))


def subscribe(connection: Connection, request: HubRequest, now: datetime) -> None:
    """Begin a confirmed subscription, or go on with it under the new terms."""
    version = connection.scalar(select(feeds.c.version).where(feeds.c.id == request.feed_id))
    if version is None:
        return
    topic = insert(connection, hub_topics).values(feed_id=request.feed_id, version=version)
    connection.execute(topic.on_conflict_do_nothing())
    terms = _values(request, place_of(request.callback))
    del terms["mode"], terms["lease_s"]
    terms |= {"expires_at": now + timedelta(seconds=request.lease_s), "failures": 0, "is_slow": False}
    # what is due to a subscriber that renews stays due
    begun = insert(connection, hub_subscriptions).values(terms | {"version": version, "reason": "", **FREE})
    connection.execute(begun.on_conflict_do_update(index_elements=["identity"], set_=terms | {"reason": ""}))


def refuse(connection: Connection, request: HubRequest) -> None:
    """Forget a request that its callback did not confirm; a subscription it has stays as it is."""
    _end(connection, request)


def postpone(connection: Connection, request: HubRequest, now: datetime) -> None:
    """Ask the callback again later, or give up after a few tries."""
    if request.tries >= len(RETRY_S):
        refuse(connection, request)
        return
    again = now + timedelta(seconds=RETRY_S[request.tries])
    values = {"due_at": again, "tries": request.tries + 1}
    connection.execute(finish(hub_requests, request.id, request.token, **values))


def release_requests(connection: Connection, requests: Collection[HubRequest]) -> None:
    """Give claims back unused."""
    for request in requests:
        connection.execute(finish(hub_requests, request.id, request.token))


def deny_ended(connection: Connection, now: datetime) -> int:
    """Take the subscribers of feeds that are not published any more, and have them told; return how many."""
    ended = select(hub_subscriptions).join(feeds, feeds.c.id == s.feed_id)
    ended = ended.where(~feeds.c.is_configured, s.expires_at.is_not(None))
    rows = connection.execute(ended).all()
    for row in rows:
        denial = HubRequest(
            mode="denied", callback=row.callback, topic=row.topic, feed_id=row.feed_id, suffix=row.suffix,
            lease_s=0,
        )  # fmt: skip
        values = {**_values(denial, row.host), "due_at": now, "tries": 0}
        statement = insert(connection, hub_requests).values(values)
        connection.execute(statement.on_conflict_do_update(index_elements=["identity"], set_=values))
    gone = select(feeds.c.id).where(~feeds.c.is_configured)
    connection.execute(delete(hub_subscriptions).where(s.feed_id.in_(gone)))
    connection.execute(delete(hub_topics).where(hub_topics.c.feed_id.in_(gone)))
    return len(rows)


def place_of(callback: str) -> str:
    """Return whose budget a callback uses: its registrable domain's, or its machine's whatever the port.

    Of IPv6 that is the network: whoever has one address there has all of them.
    """
    group = group_of(callback)
    if is_shared(group):
        return group
    host = host_of(callback)
    try:
        return str(IPv6Network((host, _ONE_SITE), strict=False))
    except ValueError:
        return host


def identity_of(callback: str, topic: str) -> bytes:
    """Return what tells one subscription from another (WebSub §5.1): callback and topic."""
    return hashlib.blake2b(f"{clean(topic)}\n{clean(callback)}".encode(), digest_size=16).digest()


def _end(connection: Connection, request: HubRequest) -> bool:
    """Remove a claimed request; False if the claim was lost, or another wish has taken its place."""
    ended = delete(hub_requests).where(r.id == bindparam("row"), r.claim_token == bindparam("held"))
    return connection.execute(ended, {"row": request.id, "held": request.token}).rowcount == 1


def _values(request: HubRequest, host: str) -> dict[str, Any]:
    asked = ("mode", "callback", "topic", "feed_id", "suffix", "lease_s", "secret")
    values = {name: getattr(request, name) for name in asked}
    return values | {"identity": identity_of(request.callback, request.topic), "host": host}
