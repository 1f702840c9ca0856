"""Our subscriptions at hubs of others: from a publisher's offer to a live lease, and its end.

In: offers found in polls, and what hubs say at our callbacks. Out: subscriptions about which
something is to be done now. A verification counts only for what we asked for; whatever else
arrives changes nothing. A subscription that ends makes its source due at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from aggregator.model import PushOffer
from aggregator.model.push import Subscription
from aggregator.store.holders import FREE, claim_due, finish
from aggregator.store.locks import lock
from aggregator.store.rows import among, change_among, insert_or_replace, rows_among, value_of, write_rows
from aggregator.store.tables import push_offers, sources, subscriptions
from aggregator.store.types import AnyRow

s, o, c = subscriptions.c, push_offers.c, sources.c
#: seconds a hub has to call back before we ask again, doubled each time
VERIFY_S = 15 * 60
#: seconds until a hub that refused or failed is asked again, doubled each time, up to a day
RETRY_S, LONGEST_RETRY_S = 300, 86_400
#: seconds until a hub that denied us is asked again
DENIED_S = 7 * 86_400
#: share of the lease after which it is renewed
RENEW_AT = 0.8
#: what a lease is taken for when the hub does not say; bounds of what it may say
LEASE_S, SHORTEST_LEASE_S, LONGEST_LEASE_S = 86_400, 60, 365 * 86_400
#: attempts to leave; after them the lease runs out by itself
MOST_FAREWELLS = 3
WAITING = ("asking", "live", "denied")


def note_offers(connection: Connection, offers: Mapping[int, PushOffer]) -> None:
    """Keep what publishers offer, by source id; only what changed is written."""
    query = select(push_offers).where(among(o.source_id))
    stored = {row.source_id: (row.topic, row.hubs) for row in rows_among(connection, query, offers)}
    rows = [
        {"source_id": source_id, "topic": offer.topic, "hubs": hubs, "is_planned": False}
        for source_id, offer in sorted(offers.items())
        if stored.get(source_id) != (offer.topic, hubs := "\n".join(offer.hubs))
    ]
    write_rows(connection, insert_or_replace(connection, push_offers, "topic", "hubs", "is_planned"), rows)


def plan_subscriptions(connection: Connection, now: datetime, may_ask: Callable[[str], bool]) -> int:
    """Begin a subscription for every offer that has none yet, and return how many began.

    Args:
        may_ask: whether we subscribe at this hub at all.
    """
    new = select(push_offers).join(sources, c.id == o.source_id).where(o.is_planned.is_(False))
    rows = connection.execute(new.where(c.is_configured, ~c.is_gone).order_by(o.source_id).limit(1000)).all()
    if not rows:
        return 0
    lock(connection, "subscriptions")
    for row in rows:
        _forget_stale(connection, row)
    ids = [row.source_id for row in rows]
    query = select(s.source_id, s.topic, s.hub).where(s.source_id.in_(ids), s.state.in_(WAITING))
    have = [(row.source_id, row.topic, row.hub) for row in connection.execute(query)]
    begun = 0
    for row in rows:
        hubs = [hub for hub in row.hubs.split("\n") if may_ask(hub)]
        if hubs and not any(of == row.source_id and at == row.topic and hub in hubs for of, at, hub in have):
            _begin(connection, row.source_id, row.topic, hubs[0], now)
            begun += 1
    connection.execute(update(push_offers).where(o.source_id.in_(ids)).values(is_planned=True))
    return begun


def plan_anew(connection: Connection) -> None:
    """Have every offer looked at again: what we may ask has changed."""
    connection.execute(update(push_offers).where(o.is_planned.is_(True)).values(is_planned=False))


def retire(connection: Connection, now: datetime, may_ask: Callable[[str], bool]) -> None:
    """Leave the hubs of sources that left, and those we may not ask any more; old leases end."""
    query = select(s.id, s.source_id, s.hub, c.is_configured, c.is_gone).join(sources, c.id == s.source_id)
    left = [
        row
        for row in connection.execute(query.where(s.state.in_(WAITING)))
        if not row.is_configured or row.is_gone or not may_ask(row.hub)
    ]
    _leave(connection, [row.id for row in left], now)
    _look_again(connection, [row.source_id for row in left], now)


def is_any_due(connection: Connection, now: datetime) -> bool:
    """Tell whether something is to be done about a subscription or an offer now."""
    due = select(s.id).where(s.due_at <= now).limit(1)
    new = select(o.source_id).where(o.is_planned.is_(False)).limit(1)
    return connection.scalar(due) is not None or connection.scalar(new) is not None


def claim_subscriptions(
    connection: Connection, now: datetime, *, limit: int, seconds: float
) -> tuple[Subscription, ...]:
    """Claim subscriptions about which something is to be done, the longest due first."""
    rows, token = claim_due(connection, subscriptions, now, limit=limit, seconds=seconds)
    return tuple(value_of(Subscription, row, token=token) for row in rows)


def note_asked(connection: Connection, subscription: Subscription, now: datetime) -> None:
    """The hub took our request: wait for its call. One that has called already is not disturbed."""
    reason = "the hub took our request and did not call back yet"
    at = now + timedelta(seconds=VERIFY_S * 2 ** min(subscription.failures, 6))
    _finish(connection, subscription, "asking", due_at=at, failures=s.failures + 1, reason=reason)


def note_refused(
    connection: Connection, subscription: Subscription, reason: str, now: datetime, wait_s: float = 0
) -> None:
    """The hub refused or could not be asked: try again later, at the publisher's next hub if there is one."""
    wait: float = min(RETRY_S * 2 ** min(subscription.failures, 16), LONGEST_RETRY_S)
    hubs = (connection.scalar(select(o.hubs).where(o.source_id == subscription.source_id)) or "").split("\n")
    hub = asked = subscription.hub
    if asked in hubs and len(hubs) > 1:
        hub, reason = hubs[(hubs.index(asked) + 1) % len(hubs)], f"{asked} before it: {reason}"
    elif wait_s > wait:
        wait = wait_s
    _finish(connection, subscription, "asking", due_at=now + timedelta(seconds=wait), reason=reason,
            failures=subscription.failures + 1, hub=hub)  # fmt: skip


def renew(connection: Connection, subscription: Subscription, now: datetime) -> None:
    """A lease comes to its end: ask anew, with another callback; the old one serves until then."""
    if subscription.expires_at is None or subscription.expires_at <= now:
        end(connection, subscription, now)
        return
    query = select(s.id).where(s.source_id == subscription.source_id, s.state == "asking")
    if connection.execute(query).first() is None:
        _begin(connection, subscription.source_id, subscription.topic, subscription.hub, now)
    _finish(connection, subscription, "live", due_at=subscription.expires_at)


def end(connection: Connection, subscription: Subscription, now: datetime) -> None:
    """A subscription is over, and the source is polled as if it had never been."""
    if _remove(connection, subscription) and subscription.state != "leaving":
        _look_again(connection, [subscription.source_id], now)


def retry_leaving(connection: Connection, subscription: Subscription, now: datetime) -> None:
    """We asked the hub to leave, or could not: wait for its call, ask again, and give up in the end."""
    if subscription.failures >= MOST_FAREWELLS:
        end(connection, subscription, now)
        return
    _finish(connection, subscription, "leaving", due_at=now + timedelta(seconds=VERIFY_S),
            failures=subscription.failures + 1)  # fmt: skip


def ask_again(connection: Connection, subscription: Subscription, now: datetime) -> None:
    """A denial has been respected long enough: begin anew."""
    if _remove(connection, subscription):
        _begin(connection, subscription.source_id, subscription.topic, subscription.hub, now)


def release_subscriptions(connection: Connection, claimed: Sequence[Subscription]) -> None:
    """Give claims back unused."""
    for one in claimed:
        _finish(connection, one, one.state)


def note_verified(
    connection: Connection, callback: str, mode: str, topic: str, lease_s: int | None, now: datetime
) -> bool:
    """A hub asks whether we want this; True if we do (WebSub §5.3). Anything else changes nothing."""
    row = _find(connection, callback)
    if row is None or row.topic != topic:
        return False
    if mode == "unsubscribe" and row.state == "leaving":
        connection.execute(update(subscriptions).where(s.id == row.id).values(failures=MOST_FAREWELLS))
        return True
    if mode != "subscribe" or row.state not in ("asking", "live"):
        return False
    lease = min(max(lease_s or LEASE_S, SHORTEST_LEASE_S), LONGEST_LEASE_S)
    connection.execute(
        update(subscriptions)
        .where(s.id == row.id)
        .values(
            state="live",
            expires_at=now + timedelta(seconds=lease),
            due_at=now + timedelta(seconds=lease * RENEW_AT),
            failures=0,
            reason="",
            **FREE,
        )
    )
    query = select(s.id, s.is_proven).where(s.source_id == row.source_id, s.state == "live", s.id != row.id)
    before = connection.execute(query).all()
    if any(one.is_proven for one in before):
        connection.execute(update(subscriptions).where(s.id == row.id).values(is_proven=True))
    _leave(connection, [one.id for one in before], now)
    return True


def note_denied(connection: Connection, callback: str, topic: str, reason: str, now: datetime) -> bool:
    """A hub ends what we asked for or had (WebSub §5.2); False if it speaks of something else."""
    row = _find(connection, callback)
    if row is None or row.topic != topic or row.state == "leaving":
        return False
    denied = update(subscriptions).where(s.id == row.id)
    said = f"the hub denied the subscription{': ' + reason if reason else ''}"
    at = now + timedelta(seconds=DENIED_S)
    connection.execute(denied.values(state="denied", due_at=at, expires_at=None, reason=said, is_proven=False,
                                     **FREE))  # fmt: skip
    if row.state == "live":
        _poll_soon(connection, [row.source_id], now)
    return True


def doubt(connection: Connection, source_ids: Sequence[int]) -> None:
    """A poll found what should have been pushed: these subscriptions have to prove themselves again."""
    proven = update(subscriptions).where(among(s.source_id), s.is_proven.is_(True))
    change_among(connection, proven.values(is_proven=False), source_ids)


def _find(connection: Connection, callback: str) -> AnyRow | None:
    return connection.execute(
        select(subscriptions).where(s.callback == callback).with_for_update()
    ).one_or_none()


def _begin(connection: Connection, source_id: int, topic: str, hub: str, now: datetime) -> None:
    connection.execute(
        insert(subscriptions).values(
            source_id=source_id,
            callback=secrets.token_urlsafe(32),
            topic=topic,
            hub=hub,
            secret=secrets.token_hex(32),
            state="asking",
            due_at=now,
            is_proven=False,
            failures=0,
            reason="",
        )
    )


def _remove(connection: Connection, subscription: Subscription) -> bool:
    """Remove what is claimed; False if the claim was lost."""
    ended = delete(subscriptions).where(s.id == subscription.id, s.claim_token == subscription.token)
    return connection.execute(ended).rowcount == 1


def _forget_stale(connection: Connection, offer: AnyRow) -> None:
    """Ask no more for what a publisher offers no more; what is live lasts until the new one is."""
    is_offered = and_(s.topic == offer.topic, s.hub.in_(offer.hubs.split("\n")))
    pending = delete(subscriptions).where(s.source_id == offer.source_id, s.state.in_(("asking", "denied")))
    connection.execute(pending.where(~is_offered))


def _leave(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    values = {"state": "leaving", "due_at": now, "failures": 0, "is_proven": False, "reason": ""}
    change_among(connection, update(subscriptions).where(among(s.id)).values(values | FREE), ids)


def _look_again(connection: Connection, source_ids: Sequence[int], now: datetime) -> None:
    """Poll these sources now, and look at what they offer as if it were new."""
    _poll_soon(connection, source_ids, now)
    offered = update(push_offers).where(among(o.source_id))
    change_among(connection, offered.values(is_planned=False), source_ids)


def _poll_soon(connection: Connection, source_ids: Sequence[int], now: datetime) -> None:
    due = update(sources).where(among(c.id), c.due_at > now, c.failures == 0)
    change_among(connection, due.values(due_at=now, next_why="its hub does not push any more"), source_ids)


def _finish(connection: Connection, subscription: Subscription, state: str, **values: Any) -> None:
    ending = finish(subscriptions, subscription.id, subscription.token, **values)
    connection.execute(ending.where(s.state == state))
