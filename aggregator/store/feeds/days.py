"""What a feed held on which day, and the newest articles of all: for archives by date and for site maps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.model import ArticleState, FeedHead
from aggregator.store.tables import articles, placements


def load_dates(connection: Connection, head: FeedHead, limit: int) -> tuple[datetime, ...]:
    """Return the sort dates of at most *limit* articles of a feed, newest first."""
    p = placements.c
    query = select(p.sort_date).where(p.feed_id == head.id).order_by(p.sort_date.desc(), p.article_id.desc())
    return tuple(connection.scalars(query.limit(limit)))


def load_newest(connection: Connection, limit: int) -> tuple[tuple[int, datetime], ...]:
    """Return id and time of last change of at most *limit* published articles, newest first."""
    a = articles.c
    query = (
        select(a.id, a.changed_at)
        .where(a.state == ArticleState.OUT.value)
        .order_by(a.sort_date.desc(), a.id.desc())
        .limit(limit)
    )
    return tuple((row.id, row.changed_at) for row in connection.execute(query))
