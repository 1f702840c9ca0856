"""Which feeds hold an article, and how many articles a feed holds. Reads only; placing writes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select

from aggregator.store.rows import among, rows_among
from aggregator.store.tables import feeds, placements

f, p = feeds.c, placements.c
_FEEDS_OF = (
    select(f.kind, f.slug, p.why)
    .join(placements, p.feed_id == f.id)
    .where(p.article_id == bindparam("article"), f.is_configured)
)


def feeds_of(connection: Connection, article_id: int) -> tuple[tuple[str, str, str], ...]:
    """Return (kind, slug, why) of every feed that holds the article, sorted."""
    rows = connection.execute(_FEEDS_OF, {"article": article_id})
    return tuple(sorted((row.kind, row.slug, row.why) for row in rows))


def placements_of(connection: Connection, article_ids: Sequence[int]) -> dict[int, set[tuple[str, str]]]:
    """Return (kind, slug) of the feeds in force that hold each of these articles."""
    query = select(p.article_id, f.kind, f.slug).join(feeds, f.id == p.feed_id)
    query = query.where(among(p.article_id), f.is_configured)
    found: dict[int, set[tuple[str, str]]] = {}
    for row in rows_among(connection, query, article_ids):
        found.setdefault(row.article_id, set()).add((row.kind, row.slug))
    return found


def count_items(connection: Connection, kind: str, slug: str) -> int:
    """Return how many articles a feed holds."""
    query = select(func.count()).select_from(placements).join(feeds, f.id == p.feed_id)
    return connection.scalar(query.where(f.kind == kind, f.slug == slug)) or 0
