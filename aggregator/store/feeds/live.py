"""The live document of a feed: its newest articles, what entered or changed lately, what no archive has.

Rows flow in, Items out. Time enters only as a stored boundary: maintenance moves it on, and the
feed gets another version when that lets something leave. So every process sees the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from aggregator.model import Feed, FeedHead, Item
from aggregator.store.feeds.configured import read_settings
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items, read_placed
from aggregator.store.feeds.placing import RECENT
from aggregator.store.feeds.versions import next_version
from aggregator.store.locks import try_lock
from aggregator.store.notices import announce
from aggregator.store.tables import feeds, placements
from aggregator.store.types import AnyRow

f, p = feeds.c, placements.c
#: articles in a live document beyond its newest ones; the rest is found in the archives
MOST_LATE = 500
#: the newest articles in the live document of a topic or a source
PLAIN = 50
#: feeds looked at in one transaction: what those show that cap, join or rank takes up to 50 ms each
ROUND = 20
_UNARCHIVED = (
    select(p.article_id)
    .where(p.feed_id == bindparam("of_feed"), p.entered > bindparam("archived_to"))
    .limit(MOST_LATE)
)
_RECENT = (
    select(p.article_id)
    .where(p.feed_id == bindparam("of_feed"), p.touched_at >= bindparam("since"))
    .order_by(p.touched_at.desc(), p.article_id.desc())
    .limit(MOST_LATE)
)


def read_live(
    connection: Connection, head: FeedHead, *, limit: int
) -> tuple[tuple[Item, ...], frozenset[int]]:
    """Return the articles of the live document, newest first, and the ids that stay whatever the limit.

    Args:
        limit: how many of the newest are read.
    """
    newest = read_items(connection, head, limit=limit)
    late = _late(connection, head.id, head.recent_from, head.archived_to)
    missing = late - {item.article.id for item in newest}
    more = read_placed(connection, head, missing)
    ordered = sorted((*newest, *more), key=lambda i: (i.article.sort_date, i.article.id), reverse=True)
    return tuple(ordered), late


def age_out(connection: Connection, now: datetime, shows: Callable[[FeedHead], object]) -> tuple[bool, int]:
    """Let go of what was new or changed 48 hours ago, in a few feeds.

    Return whether more may be waiting, and how many of these look different now.

    Args:
        shows: what the live document of a feed shows that caps, joins or ranks its articles.
    """
    boundary = now - RECENT
    if not try_lock(connection, "maintenance"):
        return False, 0
    waiting = (
        select(f.id, f.kind, f.slug, f.settings, f.version, f.recent_from, f.archived_to)
        # a feed that has not changed since its boundary holds nothing that could leave
        .where(f.is_configured, f.recent_from < boundary, f.changed_at >= f.recent_from)
        .order_by(f.recent_from, f.id)
        .limit(ROUND)
        .with_for_update(skip_locked=True)
    )
    rows, differing = [], 0
    for row in connection.execute(waiting).all():
        version = row.version
        if _loses(connection, row, boundary, shows):
            version = next_version(version, [f"left before {boundary.isoformat()}"])
            differing += 1
        rows.append({"row_id": row.id, "next": version, "boundary": boundary})
    if rows:
        change = update(feeds).where(f.id == bindparam("row_id"))
        connection.execute(change.values(version=bindparam("next"), recent_from=bindparam("boundary")), rows)
        announce(connection)
    return len(rows) == ROUND, differing


def _loses(
    connection: Connection, row: AnyRow, boundary: datetime, shows: Callable[[FeedHead], object]
) -> bool:
    """Tell whether the live document is another one once the boundary is moved."""
    before = _late(connection, row.id, row.recent_from, row.archived_to)
    leaving = before - _late(connection, row.id, boundary, row.archived_to)
    if not leaving:
        return False
    settings = read_settings(row.kind, row.settings) if row.settings else None
    if not isinstance(settings, Feed):
        return not leaving <= _newest(connection, row.id, PLAIN)
    if settings.timed is not None:
        return False  # it shows issues, however old
    if settings.per_source is None and settings.duplicates == "keep" and settings.order == "newest":
        return not leaving <= _newest(connection, row.id, settings.limit)
    head = find_feed(connection, row.kind, row.slug)
    return head is not None and shows(head) != shows(replace(head, recent_from=boundary))


def _newest(connection: Connection, feed_id: int, limit: int) -> frozenset[int]:
    query = select(p.article_id).where(p.feed_id == feed_id)
    query = query.order_by(p.sort_date.desc(), p.article_id.desc()).limit(limit)
    return frozenset(connection.scalars(query))


def _late(
    connection: Connection, feed_id: int, recent_from: datetime | None, archived_to: int
) -> frozenset[int]:
    """Return what the live document holds beside the newest: what is recent, and what no archive has."""
    found = set(connection.scalars(_UNARCHIVED, {"of_feed": feed_id, "archived_to": archived_to}))
    if recent_from is not None:
        found.update(connection.scalars(_RECENT, {"of_feed": feed_id, "since": recent_from}))
    return frozenset(found)
