"""The order of feeds with ``order: top`` as rows: places flow in, a new version where they changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from aggregator.store.feeds.versions import next_version
from aggregator.store.locks import try_lock
from aggregator.store.notices import announce
from aggregator.store.rows import among, rows_among
from aggregator.store.tables import feeds, placements, ranks

r, p = ranks.c, placements.c


def lock_ranks(connection: Connection) -> bool:
    """Be the one process that ranks until this transaction ends; tell whether it is."""
    return try_lock(connection, "ranks")


def save_ranks(
    connection: Connection, feed_id: int, places: Sequence[tuple[int, int, str]], now: datetime
) -> bool:
    """Store (article id, position, why) of articles in a feed; return whether its order changed.

    What left the feed since *places* were worked out is left out.
    """
    # who takes an article out of a feed locks that first: what is there now is there until the end
    version = connection.scalar(select(feeds.c.version).where(feeds.c.id == feed_id).with_for_update())
    if version is None:
        return False
    there = select(p.article_id).where(p.feed_id == feed_id, among(p.article_id))
    placed = {row.article_id for row in rows_among(connection, there, [one[0] for one in places])}
    places = [one for one in places if one[0] in placed]
    stored = {
        row.article_id: row.position for row in connection.execute(select(ranks).where(r.feed_id == feed_id))
    }
    wanted = {article_id: position for article_id, position, _ in places}
    moved = stored != wanted
    connection.execute(delete(ranks).where(r.feed_id == feed_id))
    rows = [
        {"feed_id": feed_id, "article_id": article_id, "position": position, "why": why}
        for article_id, position, why in places
    ]
    if rows:
        connection.execute(insert(ranks), rows)
    if moved:
        order = " ".join(str(article_id) for article_id, _, _ in places)
        # what is archived has no order, and looks as before
        later = update(feeds).where(feeds.c.id == feed_id)
        connection.execute(later.values(version=next_version(version, [f"ranked {order}"]), changed_at=now))
        announce(connection)
    return moved


def find_rank(connection: Connection, feed_id: int, article_id: int) -> tuple[int, str] | None:
    """Return an article's place in a feed and why; None if it was not ranked."""
    row = connection.execute(
        select(r.position, r.why).where(r.feed_id == feed_id, r.article_id == article_id)
    ).one_or_none()
    return (row.position, row.why) if row else None
