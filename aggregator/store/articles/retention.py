"""Retention: articles past their time leave, and the database gives back what it does not need.

In: now. Out: fewer rows, and a tombstone for each article that left, so that it never comes
back as new. An article stays for its source's ``keep`` after it was last in the document, and
as long as it is in the document.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, Engine, delete, func, or_, select, type_coerce

from aggregator.store.articles.arriving import load_entries
from aggregator.store.articles.fulltext import unindex_words
from aggregator.store.articles.saving import SEEN_STEP
from aggregator.store.engine import writing
from aggregator.store.feeds.placing import Standing, write_placements
from aggregator.store.locks import lock_shared, try_lock
from aggregator.store.rows import among, change_among, insert_or_ignore, write_rows
from aggregator.store.sources.polled import lock_sources
from aggregator.store.stories.telling import drop_untold, stories_of
from aggregator.store.tables import articles, sources, tombstones
from aggregator.store.types import AnyRow, micros

log = logging.getLogger("aggregator.store")

#: articles that leave in one transaction, so that no poll waits long
BATCH = 500
#: transactions of one round, about a second; polls are stored between two rounds
STEPS = 4
#: articles that leave in one round
MOST = BATCH * STEPS
#: pages given back in one round
PAGES = 2000
#: rows of an index that SQLite's statistics are made from
SAMPLED = 1000

a, s = articles.c, sources.c


def maintain(engine: Engine, now: datetime) -> int:
    """Do a bounded round of housekeeping; return how many articles left, MOST if more may have to.

    Any number of processes may call it at once; one of them works.
    """
    left = 0
    for _ in range(STEPS):
        with writing(engine) as connection:
            gone = expire(connection, now, limit=BATCH)
        left += gone
        if gone < BATCH:
            break
    if engine.dialect.name == "sqlite":
        tidy(engine)
    return left


def expire(connection: Connection, now: datetime, limit: int = BATCH) -> int:
    """Remove at most *limit* articles past their time and return how many left."""
    if not try_lock(connection, "maintenance"):
        return 0
    rows = _past_their_time(connection, now, limit)
    if rows:
        bury(connection, rows, now)
    return len(rows)


def forget(engine: Engine, source_id: int, now: datetime) -> int:
    """Remove every article of a source now, in short transactions, and return how many left.

    Their identities stay as tombstones: what the source still serves does not come back.
    """
    left = 0
    wanted = (a.id, a.source_id, a.identity, a.sort_date, a.digest)
    query = select(*wanted).where(a.source_id == source_id).order_by(a.id).limit(BATCH)
    while True:
        with writing(engine) as connection:
            rows = connection.execute(query).all()
            if not rows:
                return left
            bury(connection, rows, now)
        left += len(rows)


def bury(connection: Connection, rows: Sequence[AnyRow], now: datetime) -> None:
    """Remove articles for good and leave tombstones.

    Args:
        rows: with id, source_id, identity, sort_date and digest.
    """
    # as those who take polls in, edit and correct: the configuration, sources, feeds, stories
    lock_shared(connection, "configuration")
    lock_sources(connection, {row.source_id for row in rows})
    ids = [row.id for row in rows]
    left = [{"identity": row.identity} for row in rows]
    write_rows(connection, insert_or_ignore(connection, tombstones), left)
    unindex_words(connection, sorted(load_entries(connection, ids).items()))
    write_placements(
        connection,
        [
            Standing(article_id=row.id, sort_date=row.sort_date, digest=row.digest, at=now, feeds={})
            for row in rows
        ],
    )
    stories = stories_of(connection, ids)
    change_among(connection, delete(articles).where(among(a.id)), ids)
    drop_untold(connection, stories)


def _past_their_time(connection: Connection, now: datetime, limit: int) -> Sequence[AnyRow]:
    shortest = connection.scalar(select(func.min(s.keep_s)))
    if shortest is None:
        return ()
    last_seen = type_coerce(a.last_in_document, BigInteger)
    # it is noted once in SEEN_STEP that an article stands in its document still: it may have, until then
    oldest_kept = micros(now - SEEN_STEP) - s.keep_s * 1_000_000
    left_document = last_seen <= type_coerce(s.document_at, BigInteger) - SEEN_STEP // timedelta(
        microseconds=1
    )
    query = (
        select(a.id, a.source_id, a.identity, a.sort_date, a.digest)
        .join(sources, s.id == a.source_id)
        # no article is younger than its sort date: by the index, only old ones are looked at
        .where(a.sort_date < now - timedelta(seconds=shortest))
        .where(last_seen < oldest_kept)
        .where(or_(~s.is_configured, s.is_gone, left_document))
        .order_by(a.sort_date, a.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def tidy(engine: Engine) -> None:
    """Give free pages of an SQLite file back, and move its write-ahead log into it as far as readers allow.

    While somebody else writes, that waits for the next round.
    """
    with engine.connect() as connection, closing(connection.connection.cursor()) as raw:
        try:
            # a script is run to its end; execute() would stop after the first page
            raw.executescript(f"PRAGMA incremental_vacuum({PAGES})")
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            # a sample is enough for the planner; all of a million articles would hold up the writer
            raw.execute(f"PRAGMA analysis_limit={SAMPLED}").fetchall()
            raw.execute("PRAGMA optimize").fetchall()
        except sqlite3.OperationalError as error:
            log.info("tidying waits for the next round: %s", error)
