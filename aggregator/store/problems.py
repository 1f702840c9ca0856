"""Problems as stored events: what is wrong now opens rows, what ended closes them, none is deleted.

In: judged trouble. Out: the events of the feed of problems, whose version changes exactly when they
do. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from aggregator.model import Feed, ProblemEvent, Trouble, TroubleKind
from aggregator.store.feeds.configured import write_settings
from aggregator.store.feeds.versions import OWN, new_feed, new_uid, touch_feeds
from aggregator.store.rows import among, insert_or_ignore, rows_among, value_of, write_rows
from aggregator.store.tables import feeds, problems
from aggregator.store.types import AnyRow

SLUG = "problems"
_FEED = Feed(
    slug=SLUG,
    title="Problems",
    description="What is wrong with the sources and feeds, as it is noticed and as it ends.",
    limit=100,
)
p = problems.c
_OPEN = select(problems).where(p.closed_at.is_(None), among(p.subject))


def ensure_feed(connection: Connection) -> None:
    """Make the feed of problems, once."""
    row = new_feed(OWN, SLUG, settings=write_settings(_FEED))
    write_rows(connection, insert_or_ignore(connection, feeds), [row])


def note_troubles(
    connection: Connection,
    judged: Collection[TroubleKind],
    found: Mapping[str, Sequence[Trouble]],
    now: datetime,
) -> int:
    """Open, reword and close problems so that they say what was found; return how many changed.

    Args:
        judged: the kinds that were looked for; problems of other kinds are left as they are.
        found: by subject ("source 12", "feed 3"); a subject without trouble has an empty sequence.
    """
    open_ = _load_open(connection, judged, found)
    changes: list[str] = []
    for subject, troubles in sorted(found.items()):
        for trouble in troubles:
            row = open_.pop((subject, trouble.kind.value), None)
            if row is None:
                changes.append(_open(connection, subject, trouble, now))
            elif (row.title, row.text) != (trouble.title, trouble.text):
                values = {"title": trouble.title, "text": trouble.text, "changed_at": now}
                connection.execute(update(problems).where(p.id == row.id).values(values))
                changes.append(f"reworded {row.uid} {trouble.text}")
    for row in open_.values():
        connection.execute(update(problems).where(p.id == row.id).values(closed_at=now, changed_at=now))
        changes.append(f"closed {row.uid}")
    if changes:
        own = connection.scalars(select(feeds.c.id).where(feeds.c.kind == OWN, feeds.c.slug == SLUG))
        touch_feeds(connection, dict.fromkeys(own, "\n".join(changes)), now)
    return len(changes)


def read_problems(connection: Connection, limit: int) -> tuple[ProblemEvent, ...]:
    """Return at most *limit* events, what changed last first."""
    query = select(problems).order_by(p.changed_at.desc(), p.id.desc()).limit(limit)
    return tuple(_event_of(row) for row in connection.execute(query))


def list_open(connection: Connection, limit: int | None = None) -> tuple[ProblemEvent, ...]:
    """Return at most *limit* problems that last, oldest first; None for all."""
    query = select(problems).where(p.closed_at.is_(None)).order_by(p.opened_at, p.id).limit(limit)
    return tuple(_event_of(row) for row in connection.execute(query))


def count_open(connection: Connection) -> dict[str, int]:
    """Return how many problems are open, by kind."""
    query = select(p.kind, func.count()).where(p.closed_at.is_(None)).group_by(p.kind)
    return {str(kind): count for kind, count in connection.execute(query)}


def _load_open(
    connection: Connection, judged: Collection[TroubleKind], subjects: Collection[str]
) -> dict[tuple[str, str], AnyRow]:
    kinds = {kind.value for kind in judged}
    return {
        (row.subject, row.kind): row for row in rows_among(connection, _OPEN, subjects) if row.kind in kinds
    }


def _open(connection: Connection, subject: str, trouble: Trouble, now: datetime) -> str:
    row: dict[str, Any] = {
        "subject": subject,
        "kind": trouble.kind.value,
        "uid": new_uid(),
        "title": trouble.title,
        "text": trouble.text,
        "opened_at": now,
        "changed_at": now,
    }
    connection.execute(problems.insert(), row)
    return f"opened {row['uid']}"


def _event_of(row: AnyRow) -> ProblemEvent:
    return value_of(ProblemEvent, row, kind=TroubleKind(row.kind))
