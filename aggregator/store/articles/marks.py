"""What editors decided by hand: marks flow in with who and when, and stay for ever; undo ends one.

A mark is a row beside its article. What the standing marks say together (picked, the note, the
state) is a part of the article, so that neither polls nor changed rules touch it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from aggregator.model import Article
from aggregator.store.notices import announce
from aggregator.store.rows import value_of
from aggregator.store.tables import marks
from aggregator.store.types import EPOCH, MICROSECOND, AnyRow, micros

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
    connection.execute(insert(marks).values(**row, before=_written(before)))
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
    return tuple(_mark_of(row) for row in connection.execute(query))


def _mark_of(row: AnyRow) -> Mark:
    return value_of(Mark, row, before=_read_before(row.before))


def _written(before: Before) -> str:
    release = None if before.release_at is None else micros(before.release_at)
    values: Sequence[Any] = (before.state, before.reason, release, before.is_picked, before.note)
    return json.dumps(values)


def _read_before(text: str) -> Before:
    state, reason, release, is_picked, note = json.loads(text)
    return Before(
        state=state,
        reason=reason,
        release_at=None if release is None else EPOCH + release * MICROSECOND,
        is_picked=is_picked,
        note=note,
    )
