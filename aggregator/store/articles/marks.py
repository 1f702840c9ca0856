"""What editors decided by hand: marks flow in with who and when, and stay for ever; undo ends one.

A mark is a row beside its article. What the standing marks say together (picked, the note, the
state) is a part of the article, so that neither polls nor changed rules touch it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from aggregator.model import Article
from aggregator.model.json_values import as_json, reader_of
from aggregator.store.notices import announce
from aggregator.store.rows import value_of
from aggregator.store.tables import marks

m = marks.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One decision of an editor."""

    id: int
    article_id: int
    #: "pick", "hide", "note", "post", "withdraw", "release", "reject"
    kind: str
    #: the note, or the reason; may be empty
    words: str
    who: str
    at: datetime
    #: what undo brings back
    before: Before
    #: None while it stands
    undone_at: datetime | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a decision replaced."""

    state: str
    reason: str = ""
    release_at: datetime | None = None
    is_picked: bool = False
    note: str = ""


def before_of(article: Article) -> Before:
    """Return what a decision about *article* replaces."""
    return Before(
        state=article.state.value,
        reason=article.reason,
        release_at=article.release_at,
        is_picked=article.is_picked,
        note=article.note,
    )


def add_mark(
    connection: Connection, article_id: int, kind: str, *, words: str, who: str, at: datetime, before: Before
) -> None:
    """Write one decision."""
    row = {"article_id": article_id, "kind": kind, "words": words, "who": who, "at": at}
    connection.execute(insert(marks).values(**row, before=as_json(before).decode()))
    announce(connection)


def end_mark(connection: Connection, mark: Mark, who: str, at: datetime) -> None:
    """Note that a decision stands no longer."""
    connection.execute(update(marks).where(m.id == mark.id).values(undone_at=at, undone_by=who))
    announce(connection)


def marks_of(connection: Connection, article_id: int) -> tuple[Mark, ...]:
    """Return all decisions about an article, oldest first."""
    return _read(connection, select(marks).where(m.article_id == article_id).order_by(m.at, m.id))


def newest_marks(connection: Connection, limit: int) -> tuple[Mark, ...]:
    """Return the latest decisions about any article, newest first."""
    return _read(connection, select(marks).order_by(m.at.desc(), m.id.desc()).limit(limit))


def _read(connection: Connection, query: Any) -> tuple[Mark, ...]:
    before_of_row = reader_of(Before)
    return tuple(value_of(Mark, row, before=before_of_row(row.before)) for row in connection.execute(query))
