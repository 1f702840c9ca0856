"""Closing parts of a feed's past, and keeping them as they were closed (RFC 5005 §4).

In: what enters, leaves or changes. Out: rows of archives, withdrawals and revisions. An archive
is cut by the numbers of entry, never by date; once closed, it changes only by losing what is
withdrawn or past its time: an article that is edited later keeps its old text there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from aggregator.store.rows import among, insert_or_ignore, rows_among, write_rows
from aggregator.store.tables import archives, articles, bodies, feeds, placements, revisions, withdrawals
from aggregator.store.types import MICROSECOND, AnyRow

r, p, v, w = archives.c, placements.c, revisions.c, withdrawals.c
_LOSE = (
    update(archives)
    .where(r.feed_id == bindparam("of_feed"), r.first <= bindparam("left"), r.last >= bindparam("left"))
    .values(changes=r.changes + 1, changed_at=bindparam("at"))
)
_BACK = delete(withdrawals).where(w.feed_id == bindparam("of_feed"), w.article_id == bindparam("of_article"))
_TOLD = select(w.article_id, w.entered).where(among(w.article_id))
_EMPTIED = delete(archives).where(r.feed_id == bindparam("of_feed"), r.last < bindparam("oldest"))


@dataclass(frozen=True, slots=True)
class Leaving:
    """An article that leaves a feed."""

    feed_id: int
    article_id: int
    entered: int
    at: datetime
    #: of an article that was taken back, which the feed says from now on; None: it just leaves
    withdrawn_id: str | None = None


def cut(head: AnyRow, last_entered: int, at: datetime) -> list[dict[str, Any]]:
    """Return the rows of the archives that a feed is due for, once *last_entered* articles came in.

    Args:
        head: the feed's row, with archived_to, archive_count and span.
    """
    first, number = head.archived_to + 1, head.archive_count + 1
    rows = []
    while last_entered - first + 1 >= head.span:
        last = first + head.span - 1
        rows.append(
            {
                "feed_id": head.id,
                "number": number,
                "first": first,
                "last": last,
                "closed_at": at,
                "changed_at": at,
                "changes": 0,
            }
        )
        first, number = last + 1, number + 1
    return rows


def write_leaving(connection: Connection, leaving: Sequence[Leaving]) -> None:
    """Note what left feeds: in the archives that held it, and among the withdrawn."""
    if not leaving:
        return
    left = [{"of_feed": one.feed_id, "left": one.entered, "at": one.at} for one in leaving]
    connection.execute(_LOSE, left)
    rows = [
        {
            "feed_id": one.feed_id,
            "article_id": one.article_id,
            "published_id": one.withdrawn_id,
            "entered": one.entered,
            "at": one.at,
        }
        for one in leaving
        if one.withdrawn_id is not None
    ]
    write_rows(connection, insert_or_ignore(connection, withdrawals), rows)


def write_back(connection: Connection, feed_id: int, entering: Collection[int], at: datetime) -> None:
    """Forget that articles were withdrawn, by their ids: they come into the feed again."""
    rows = [
        {"of_feed": feed_id, "of_article": row.article_id, "left": row.entered, "at": at}
        for row in rows_among(connection, _TOLD.where(w.feed_id == feed_id), entering)
    ]
    if rows:
        # the archive that held it said so
        connection.execute(_LOSE, rows)
        connection.execute(_BACK, rows)


def keep_revisions(connection: Connection, changing: Collection[int], at: datetime) -> None:
    """Keep what articles say now, before they are overwritten, where a closed archive shows it."""
    held = (
        select(p.article_id, func.max(r.closed_at).label("closed_at"))
        .join(archives, (r.feed_id == p.feed_id) & (r.first <= p.entered) & (r.last >= p.entered))
        .where(among(p.article_id))
        .group_by(p.article_id)
    )
    kept = (
        select(v.article_id, func.max(v.replaced_at).label("replaced_at"))
        .where(among(v.article_id))
        .group_by(v.article_id)
    )
    known = {row.article_id: row.replaced_at for row in rows_among(connection, kept, changing)}
    # clocks of two workers may differ: a change always counts as later than the archives it spares
    later = {
        row.article_id: max(at, row.closed_at + MICROSECOND)
        for row in rows_among(connection, held, changing)
        if row.article_id not in known or known[row.article_id] <= row.closed_at
    }
    present = (
        select(bodies.c.article_id, bodies.c.entry, articles.c.changed_at, articles.c.sort_date)
        .join(articles, articles.c.id == bodies.c.article_id)
        .where(among(bodies.c.article_id))
    )
    rows = [
        {**row._mapping, "replaced_at": later[row.article_id]}
        for row in rows_among(connection, present, later)
    ]
    write_rows(connection, insert_or_ignore(connection, revisions), rows)


def drop_emptied(connection: Connection, feed_ids: Collection[int]) -> None:
    """Remove the oldest archives of these feeds, as far as nothing is left in them."""
    oldest = (
        select(func.coalesce(func.min(p.entered), feeds.c.last_entered + 1))
        .where(p.feed_id == feeds.c.id)
        .scalar_subquery()
    )
    query = select(feeds.c.id.label("of_feed"), oldest.label("oldest"))
    query = query.where(among(feeds.c.id), feeds.c.archive_count > 0)
    write_rows(connection, _EMPTIED, [row._mapping for row in rows_among(connection, query, feed_ids)])
