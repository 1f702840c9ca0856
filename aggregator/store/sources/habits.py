"""Habits: what sources and feeds brought lately, for whoever judges whether that is like them.

Rows flow in, Habits and times out. Each look is one indexed read of a few dozen rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from aggregator.http.groups import group_of
from aggregator.model import Arrived, ArticleState, Habits
from aggregator.store.rows import among, rows_among
from aggregator.store.tables import articles, feeds, placements, sources

a, p = articles.c, placements.c
#: arrivals that tell a habit
RECENT = 60
#: pauses of a feed are told by so many placements
ENTERED = 60
_DAY, _WEEKS = timedelta(days=1), timedelta(days=29)


def load_habits(connection: Connection, source_ids: Collection[int], now: datetime) -> dict[int, Habits]:
    """Return by id what these sources brought lately."""
    query = select(sources.c.id, sources.c.imported_at).where(among(sources.c.id))
    imported = {row.id: row.imported_at for row in rows_among(connection, query, source_ids)}
    return {
        source_id: Habits(
            recent=_recent(connection, source_id),
            last_day=_count(connection, source_id, now - _DAY, now),
            before=_count(connection, source_id, now - _WEEKS, now - _DAY),
            imported_at=imported.get(source_id),
        )
        for source_id in source_ids
    }


def iter_entered(connection: Connection) -> Iterator[tuple[int, str, str, tuple[datetime, ...]]]:
    """Yield (id, kind, slug, when the newest articles came in) of every configured feed and topic."""
    f = feeds.c
    query = select(f.id, f.kind, f.slug).where(f.is_configured, f.kind.in_(("feed", "topic")))
    for row in connection.execute(query.order_by(f.id)).all():
        newest = select(p.entered_at).where(p.feed_id == row.id)
        newest = newest.order_by(p.sort_date.desc(), p.article_id.desc()).limit(ENTERED)
        yield row.id, row.kind, row.slug, tuple(connection.scalars(newest))


def load_habit(connection: Connection, source_id: int) -> tuple[Arrived, ...]:
    """Return the newest articles of a source that nobody kept back."""
    return _recent(connection, source_id, a.state.in_([ArticleState.OUT.value, ArticleState.SILENT.value]))


def _recent(connection: Connection, source_id: int, *such: ColumnElement[bool]) -> tuple[Arrived, ...]:
    query = select(a.first_seen, a.sort_date, a.link, a.language).where(a.source_id == source_id, *such)
    rows = connection.execute(query.order_by(a.sort_date.desc(), a.id.desc()).limit(RECENT))
    return tuple(
        Arrived(row.first_seen, row.sort_date, group_of(row.link) if row.link else None, row.language)
        for row in rows
    )


def _count(connection: Connection, source_id: int, after: datetime, until: datetime) -> int:
    # nothing is seen before its sort date, so the index on sort dates would miss nothing newer
    query = select(func.count()).where(a.source_id == source_id, a.first_seen > after, a.first_seen <= until)
    return connection.scalar(query) or 0
