"""What feeds hold: a head flows in, its articles with their sources and stories flow out, newest first.

Reading a feed is one indexed read, whatever the number of stored articles. Which feeds hold an article is
told here, too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from aggregator.model import FeedHead, Item
from aggregator.store.articles.recall import SLIM_COLUMNS, articles_of
from aggregator.store.dialect import before as older
from aggregator.store.dialect import chunks
from aggregator.store.rows import among, rows_among
from aggregator.store.sources.cards import load_cards
from aggregator.store.stories.coverage import MEMBERSHIP_COLUMNS, membership
from aggregator.store.tables import articles, feeds, placements, ranks, stories, story_members

f, p = feeds.c, placements.c
#: where in a row what is said of the placement begins
_AFTER = len(SLIM_COLUMNS)
#: built once: putting a statement together takes as long as running it
_ITEMS = (
    select(*SLIM_COLUMNS, p.entered, p.why, *MEMBERSHIP_COLUMNS, ranks.c.position)
    .select_from(placements)
    .join(articles, articles.c.id == p.article_id)
    .outerjoin(story_members, story_members.c.article_id == p.article_id)
    .outerjoin(stories, stories.c.id == story_members.c.story_id)
    .outerjoin(ranks, (ranks.c.feed_id == p.feed_id) & (ranks.c.article_id == p.article_id))
    .where(p.feed_id == bindparam("of_feed"))
    .order_by(p.sort_date.desc(), p.article_id.desc())
    .limit(bindparam("most"))
)
_FEEDS_OF = (
    select(f.kind, f.slug, p.why)
    .join(placements, p.feed_id == f.id)
    .where(p.article_id == bindparam("article"), f.is_configured)
)


def read_items(
    connection: Connection,
    head: FeedHead,
    *,
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> tuple[Item, ...]:
    """Return at most *limit* articles of a feed, newest first by (sort date, article id).

    Args:
        before: (sort date, article id) of an item; only older ones are returned. None for
            the newest.
    """
    if before is None:
        return _items(connection, _ITEMS, head, limit)
    return items_where(connection, head, older((p.sort_date, p.article_id), before), limit=limit)


def read_placed(connection: Connection, head: FeedHead, ids: Collection[int]) -> tuple[Item, ...]:
    """Return those of these articles that are in a feed, newest first by (sort date, article id)."""
    found: list[Item] = []
    for some in chunks(sorted(ids)):
        found += items_where(connection, head, p.article_id.in_(some), limit=len(some))
    return tuple(sorted(found, key=lambda i: (i.article.sort_date, i.article.id), reverse=True))


def load_dates(connection: Connection, head: FeedHead, limit: int) -> tuple[datetime, ...]:
    """Return the sort dates of at most *limit* articles of a feed, newest first."""
    query = select(p.sort_date).where(p.feed_id == head.id).order_by(p.sort_date.desc(), p.article_id.desc())
    return tuple(connection.scalars(query.limit(limit)))


def items_where(
    connection: Connection, head: FeedHead, condition: ColumnElement[bool], *, limit: int
) -> tuple[Item, ...]:
    """Return at most *limit* articles of a feed whose placements meet *condition*, newest first."""
    return _items(connection, _ITEMS.where(condition), head, limit)


def _items(connection: Connection, query: Select[Any], head: FeedHead, limit: int) -> tuple[Item, ...]:
    rows = connection.execute(query, {"of_feed": head.id, "most": limit}).all()
    # by place, not by name: a feed of fifty that caps its sources reads eight times as many
    cards = load_cards(connection, {row[1] for row in rows})
    found = articles_of(connection, rows)
    return tuple(
        Item(
            found[row[0]],
            cards[row[1]],
            row[_AFTER],
            row[_AFTER + 1],
            membership(*row[_AFTER + 2 : -1]),
            row[-1],
        )
        for row in rows
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
