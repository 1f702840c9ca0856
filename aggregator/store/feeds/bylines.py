"""Feeds of authors: for a slug, the head of the feed and the articles that are signed so.

Rows flow in, FeedHead and Item values out. An author is who signs so: two people of one name
share a feed.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection

from sqlalchemy import Connection, bindparam, func, select

from aggregator.model import ArticleState, FeedHead, Item
from aggregator.store.articles.recall import SLIM_COLUMNS, articles_of
from aggregator.store.sources.cards import load_cards
from aggregator.store.tables import applied, articles, bylines, feeds
from aggregator.store.types import moment_of

a, b = articles.c, bylines.c
#: entries of an author's feed
LIMIT = 50
#: what somebody signed and is out, newest first
_SIGNED = (
    select(*SLIM_COLUMNS, b.name)
    .join(bylines, b.article_id == a.id)
    .where(b.slug == bindparam("of_author"), a.state == ArticleState.OUT.value)
    .order_by(b.sort_date.desc(), b.article_id.desc())
    .limit(bindparam("most"))
)


def find_author(connection: Connection, slug: str) -> FeedHead | None:
    """Return the feed of an author; None if nobody of that slug signed an article that is out."""
    rows = connection.execute(_SIGNED, {"of_author": slug, "most": LIMIT}).all()
    if not rows:
        return None
    look = connection.scalar(select(applied.c.look)) or ""
    cards = load_cards(connection, {row.source_id for row in rows})
    shown = repr((look, sorted(map(repr, cards.values())), rows))
    return FeedHead(
        id=0,
        kind="author",
        slug=slug,
        uid=_uid(connection, slug),
        title=rows[0].name,
        description=f"Articles signed {rows[0].name}",
        limit=LIMIT,
        version=hashlib.blake2b(shown.encode("utf-8", "replace"), digest_size=16).hexdigest(),
        changed_at=moment_of(max(row.changed_at for row in rows)),
    )


def read_signed(
    connection: Connection, slug: str, *, limit: int, among: Collection[int] | None = None
) -> tuple[Item, ...]:
    """Return at most *limit* articles that an author signed, newest first.

    Args:
        among: only these articles; None for all.
    """
    query = _SIGNED if among is None else _SIGNED.where(a.id.in_(among))
    rows = connection.execute(query, {"of_author": slug, "most": limit}).all()
    cards = load_cards(connection, {row.source_id for row in rows})
    found = articles_of(connection, rows)
    return tuple(Item(found[row.id], cards[row.source_id], 0, "signed") for row in rows)


def _uid(connection: Connection, slug: str) -> str:
    """Return the feed's id: made of the oldest feed's, so it is this site's own and stays."""
    oldest = connection.scalar(
        select(feeds.c.uid).where(feeds.c.id == select(func.min(feeds.c.id)).scalar_subquery())
    )
    whole = uuid.UUID((oldest or uuid.UUID(int=0).urn).removeprefix("urn:uuid:"))
    return uuid.uuid5(whole, f"author {slug}").urn
