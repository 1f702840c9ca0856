"""The few places where SQLite and PostgreSQL are spoken to differently.

In: a connection. Out: the statement that this engine wants. Everything else in the store is one SQL for
both, but for locks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, literal, text, tuple_
from sqlalchemy.dialects import sqlite

T = TypeVar("T")

#: values in one IN list: under SQLite's limit of 32,766 parameters, and statements stay small
CHUNK = 1000


def is_postgres(connection: Connection) -> bool:
    """Tell whether this is PostgreSQL; if not, it is SQLite."""
    return connection.dialect.name == "postgresql"


def insert(connection: Connection, table: Table) -> Any:
    """Return an INSERT that knows ON CONFLICT; both engines spell it the same."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Any:
    """Return an INSERT that knows ON CONFLICT for the engine of this name."""
    if dialect != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # all its drivers, 2 MB: not for who has SQLite

    return postgresql.insert(table)


def before(columns: Sequence[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that the row of *columns* sorts below *values*: the next page of a listing."""
    typed = [literal(value, column.type) for column, value in zip(columns, values, strict=True)]
    return tuple_(*columns) < tuple_(*typed)


def next_ids(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """Reserve *count* ids, ascending; an id is never given twice, even after deletions."""
    if is_postgres(connection):
        sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return sorted(connection.scalars(sequence, {"name": table.name, "count": count}))
    counter = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    last = connection.scalar(counter, {"name": table.name}) or 0
    return range(last + 1, last + 1 + count)


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield *values* in pieces that fit into one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
