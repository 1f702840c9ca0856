"""The closed parts of a feed's past, read back as they were closed.

Rows flow in, Archive and Item values out: an article that was edited since shows its old text,
one that was withdrawn is gone and said to be.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, bindparam, func, select

from aggregator.model import Archive, FeedHead, Item, Withdrawn
from aggregator.model.packing import unpack
from aggregator.store.articles.page_texts import read_later
from aggregator.store.feeds.items import items_where
from aggregator.store.rows import value_of
from aggregator.store.tables import archives, feeds, placements, revisions, withdrawals
from aggregator.store.types import AnyRow

p, r, v, w = placements.c, archives.c, revisions.c, withdrawals.c
#: of the articles that were withdrawn, as many are told in the live document
TOLD = 50
_WITHDRAWN = (
    select(w.published_id, w.at)
    .where(w.feed_id == bindparam("of_feed"))
    .order_by(w.at.desc(), w.article_id.desc())
)
_TOLD = _WITHDRAWN.limit(TOLD)


def find_archive(connection: Connection, head: FeedHead, number: int) -> Archive | None:
    """Return an archive of a feed; None if it was never cut, or nothing is left of it."""
    query = select(archives).where(r.feed_id == head.id, r.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    near = {number - 1, number + 1}
    there = set(connection.scalars(select(r.number).where(r.feed_id == head.id, r.number.in_(near))))
    return value_of(
        Archive,
        row,
        previous=number - 1 if number - 1 in there else None,
        next=number + 1 if number + 1 in there else None,
    )


def count_archives(connection: Connection, head: FeedHead) -> int:
    """Return how many archives the feed ever had; those that are no more are gone, not unknown."""
    return connection.scalar(select(feeds.c.archive_count).where(feeds.c.id == head.id)) or 0


def read_archive(connection: Connection, head: FeedHead, archive: Archive) -> tuple[Item, ...]:
    """Return the articles of an archive, newest first, as they were when it was closed."""
    within = p.entered.between(archive.first, archive.last)
    items = items_where(connection, head, within, limit=archive.last - archive.first + 1)
    old = _as_closed(connection, archive, [item.article.id for item in items])
    texts = [item.article.id for item in items if item.article.page_text]
    later = read_later(connection, texts, archive.closed_at)
    return tuple(
        _as_it_was(item, old.get(item.article.id), has_text=item.article.id not in later) for item in items
    )


def read_withdrawn(
    connection: Connection, head: FeedHead, archive: Archive | None = None
) -> tuple[Withdrawn, ...]:
    """Return what was taken back from an archive or, where it is None, of late; newest first."""
    query = _TOLD
    if archive is not None:
        query = _WITHDRAWN.where(w.entered.between(archive.first, archive.last))
    rows = connection.execute(query, {"of_feed": head.id})
    return tuple(Withdrawn(row.published_id, row.at) for row in rows)


def _as_closed(connection: Connection, archive: Archive, ids: list[int]) -> dict[int, AnyRow]:
    first = (
        select(v.article_id, func.min(v.replaced_at).label("replaced_at"))
        .where(v.article_id.in_(ids), v.replaced_at > archive.closed_at)
        .group_by(v.article_id)
        .subquery()
    )
    query = select(v.article_id, v.changed_at, v.sort_date, v.entry).join(
        first, (first.c.article_id == v.article_id) & (first.c.replaced_at == v.replaced_at)
    )
    return {row.article_id: row for row in connection.execute(query)} if ids else {}


def _as_it_was(item: Item, old: AnyRow | None, *, has_text: bool) -> Item:
    # what an editor says later of an article, or what its page told later, has no place in a closed archive
    article = replace(item.article, note="", page_text=item.article.page_text if has_text else "")
    if old is None:
        return replace(item, article=article)
    article = replace(article, entry=unpack(old.entry), changed_at=old.changed_at, sort_date=old.sort_date)
    return replace(item, article=article)
