"""The hub's subscribers: which of them a changed feed is due to, and what became of the deliveries.

A feed whose content version moved on makes all its subscribers due; that is one comparison of
the few feeds that have subscribers, so nothing that publishes needs to know of it, and a crash
forgets nothing. A subscriber that was away gets the newest document, never a backlog.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, case, delete, exists, or_, select, update

from aggregator.model.push import Dispatch
from aggregator.store.holders import claim_rows, finish, is_free, running_at
from aggregator.store.locks import lock
from aggregator.store.push.hub_requests import identity_of
from aggregator.store.rows import among, insert_or_ignore, rows_among, value_of, write_rows
from aggregator.store.sources.slugs import host_of
from aggregator.store.tables import feeds, hub_requests, hub_subscriptions, hub_topics
from aggregator.store.types import AnyRow

s, t, f = hub_subscriptions.c, hub_topics.c, feeds.c
#: what the feed of a topic says now; asked topic by topic, as few of a hundred thousand feeds have readers
_VERSION = select(f.version).where(f.id == t.feed_id).correlate(hub_topics).scalar_subquery()
_HAS_CHANGED = t.version != _VERSION
#: seconds until a failed delivery is tried again
RETRY_S = (10, 30, 90, 300, 900, 1800, 3600)
#: failures in a row after which a subscriber is tried once for each change, no more
MOST_FAILURES = 12
#: subscriptions looked at for one to be claimed, where hosts are busy
WINDOW = 4


def is_anything_due(connection: Connection, now: datetime) -> bool:
    """Tell whether there is work for the hub now; reads little and writes nothing."""
    changed = exists(select(t.feed_id).where(_HAS_CHANGED))
    due = exists(select(s.id).where(s.due_at <= now))
    asked = exists(select(hub_requests.c.id).where(hub_requests.c.due_at <= now))
    return bool(connection.scalar(select(or_(changed, due, asked))))


def mark_changed(connection: Connection, now: datetime) -> None:
    """Make the subscribers of every feed that has changed due.

    A new title of the site is no news: it comes along with the next article.
    """
    changed = select(t.feed_id, _VERSION.label("version")).where(_HAS_CHANGED)
    rows = connection.execute(
        changed.order_by(t.feed_id).with_for_update(of=hub_topics, skip_locked=True)
    ).all()
    for row in rows:
        # who failed lately waits for the next try as planned, and gets the newer version then
        at = case(
            (and_(s.failures > 0, s.due_at > now), s.due_at),
            else_=bindparam("marked_at", now, type_=s.due_at.type),
        )
        in_force = or_(s.expires_at.is_(None), s.expires_at > now)
        due = update(hub_subscriptions).where(s.feed_id == row.feed_id, in_force)
        connection.execute(due.values(version=row.version, due_at=at))
        noted = update(hub_topics).where(t.feed_id == row.feed_id)
        connection.execute(noted.values(version=row.version))


def claim_dispatches(
    connection: Connection, now: datetime, *, limit: int, per_host: int, seconds: float, is_slow: bool
) -> tuple[Dispatch, ...]:
    """Claim deliveries that are due, the longest due first.

    Args:
        per_host: at most so many to one host, those under way included.
        is_slow: only to subscribers that kept us waiting last time, or only to the others.
    """
    if limit <= 0:
        return ()
    in_force = or_(s.expires_at.is_(None), s.expires_at > now)
    running = running_at(connection, hub_subscriptions, now)
    query = (
        select(s.id, s.host)
        .where(s.due_at <= now, s.is_slow.is_(is_slow), is_free(hub_subscriptions, now), in_force)
        .where(s.host.not_in(bindparam("full", expanding=True)))
        .order_by(s.due_at, s.id)
        .limit(WINDOW * limit)
        .with_for_update(skip_locked=True)
    )
    full = [host for host, count in running.items() if count >= per_host]
    chosen: list[int] = []
    for row in connection.execute(query, {"full": full}):
        if len(chosen) < limit and running[row.host] < per_host:
            running[row.host] += 1
            chosen.append(row.id)
    return _take(connection, chosen, now + timedelta(seconds=seconds))


def settle(connection: Connection, dispatch: Dispatch, now: datetime, *, is_slow: bool) -> None:
    """Note a delivery that was accepted; a newer version that came meanwhile stays due."""
    due = case((s.version == dispatch.version, None), else_=s.due_at)
    _finish(connection, dispatch, due_at=due, failures=0, is_slow=is_slow, delivered_at=now, reason="")


def fail(connection: Connection, dispatch: Dispatch, reason: str, now: datetime, wait_s: float = 0) -> None:
    """Note a delivery that failed: it is tried again later, less and less often, and not before *wait_s*."""
    failures = dispatch.failures + 1
    wait = max(RETRY_S[min(failures, len(RETRY_S)) - 1], wait_s)
    again = None if failures >= MOST_FAILURES else now + timedelta(seconds=wait)
    _finish(connection, dispatch, due_at=again, failures=failures, is_slow=True, reason=reason)


def drop(connection: Connection, dispatch: Dispatch) -> None:
    """End a subscription whose callback is gone for good."""
    connection.execute(delete(hub_subscriptions).where(s.id == dispatch.id, s.claim_token == dispatch.token))


def release_dispatches(connection: Connection, dispatches: Sequence[Dispatch]) -> None:
    """Give claims back unused: the deliveries stay due."""
    for dispatch in dispatches:
        _finish(connection, dispatch)


def expire_subscribers(connection: Connection, now: datetime) -> int:
    """Remove subscriptions whose lease has ended, and return how many."""
    return connection.execute(delete(hub_subscriptions).where(s.expires_at <= now)).rowcount


def name_hub(connection: Connection, hub: str | None, topics: dict[tuple[str, str, str], str]) -> None:
    """Have a hub of somebody else told of every feed that changes from now on.

    Args:
        hub: None: none is told any more.
        topics: public address by (kind, slug, suffix) of everything that is published.
    """
    lock(connection, "hub")
    others = delete(hub_subscriptions).where(s.expires_at.is_(None))
    connection.execute(others if hub is None else others.where(s.callback != hub))
    if hub is None:
        return
    rows = connection.execute(select(f.id, f.kind, f.slug, f.version).where(f.is_configured)).all()
    heads = {(row.kind, row.slug): row for row in rows}
    known = set(connection.scalars(select(s.identity).where(s.expires_at.is_(None))))
    new = [
        _ping(heads[kind, slug], hub, topic, suffix)
        for (kind, slug, suffix), topic in topics.items()
        if (kind, slug) in heads and identity_of(hub, topic) not in known
    ]
    write_rows(connection, insert_or_ignore(connection, hub_subscriptions), new)
    topic_rows = [{"feed_id": row.id, "version": row.version} for row in rows]
    write_rows(connection, insert_or_ignore(connection, hub_topics), topic_rows)


def _ping(row: AnyRow, hub: str, topic: str, suffix: str) -> dict[str, object]:
    return {
        "identity": identity_of(hub, topic),
        "callback": hub,
        "host": host_of(hub),
        "topic": topic,
        "feed_id": row.id,
        "suffix": suffix,
        "version": row.version,
        "failures": 0,
        "is_slow": False,
        "reason": "",
    }


def _take(connection: Connection, ids: Sequence[int], until: datetime) -> tuple[Dispatch, ...]:
    token = claim_rows(connection, hub_subscriptions, ids, until)
    query = select(hub_subscriptions, f.kind, f.slug).join(feeds, f.id == s.feed_id)
    rows = {row.id: row for row in rows_among(connection, query.where(among(s.id)), ids)}
    return tuple(
        value_of(Dispatch, row, token=token, is_ping=row.expires_at is None)
        for row in (rows[one] for one in ids)
    )


def _finish(connection: Connection, dispatch: Dispatch, **values: object) -> None:
    connection.execute(finish(hub_subscriptions, dispatch.id, dispatch.token, **values))
