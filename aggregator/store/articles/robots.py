"""robots.txt of sites whose pages are read, kept for its time (RFC 9309 §2.4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.model.pages import RobotsDocument
from aggregator.store.rows import insert_or_replace, write_rows
from aggregator.store.tables import robots

r = robots.c


def find_robots(connection: Connection, origin: str, now: datetime) -> RobotsDocument | None:
    """Return what the site at *origin* says, if that may still be relied on; None if it must be asked."""
    row = connection.execute(select(r.state, r.text).where(r.origin == origin, r.until > now)).one_or_none()
    return RobotsDocument(row.state, row.text) if row else None


def keep_robots(connection: Connection, origin: str, document: RobotsDocument, until: datetime) -> None:
    """Keep what a site says until then."""
    row = {"origin": origin, "until": until, "state": document.state, "text": document.text}
    write_rows(connection, insert_or_replace(connection, robots, *row), [row])
