"""What became of articles: a few words flow in when something happens, and come back for ``explain``.

How an article arrived is told by its own row; here stands what polls, maintenance and people
did to it afterwards. What happens again and again is told a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from aggregator.store.rows import among, rows_among
from aggregator.store.tables import events

#: events kept of one article; a server that changes an entry at every poll adds no more
MOST = 40

e = events.c


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an article."""

    at: datetime
    #: a few words
    what: str


def note_events(connection: Connection, what: Mapping[int, str], at: Mapping[int, datetime]) -> None:
    """Note what happened to articles, by article id; empty words are nothing to note."""
    told = {article_id: words for article_id, words in what.items() if words}
    if not told:
        return
    counting = select(e.article_id, func.count()).where(among(e.article_id)).group_by(e.article_id)
    full = {row[0] for row in rows_among(connection, counting, told) if row[1] >= MOST}
    rows = [
        {"article_id": article_id, "at": at[article_id], "what": words}
        for article_id, words in told.items()
        if article_id not in full
    ]
    if rows:
        connection.execute(insert(events), rows)


def events_of(connection: Connection, article_id: int) -> tuple[Event, ...]:
    """Return what happened to an article, oldest first."""
    query = select(e.at, e.what).where(e.article_id == article_id).order_by(e.at, e.id)
    return tuple(Event(row.at, row.what) for row in connection.execute(query))
