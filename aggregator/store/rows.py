"""Many rows by one statement: values flow in; rows are found, or changed, or are in the table.

SQLAlchemy works out the parameters of each row anew, which for slim rows takes longer than the
database does. What is written here is compiled once for good, and values become parameters column
by column; they go through the same types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Dialect, Executable, LargeBinary, Table, bindparam

from aggregator.store.dialect import chunks, insert_for
from aggregator.store.types import AnyRow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
#: what makes a parameter of a value, for the driver
Process = Callable[[Any], Any]
#: statements kept compiled; there are some thirty
COMPILED = 128


def among(column: Any) -> ColumnElement[bool]:
    """Return the condition that *column* is one of the values that rows_among() is given."""
    condition: ColumnElement[bool] = column.in_(bindparam("wanted", expanding=True))
    return condition


def rows_among(connection: Connection, query: Executable, wanted: Iterable[Any]) -> Iterator[AnyRow]:
    """Yield the rows of a query that has among(); asked in ascending order of *wanted*, which may be long."""
    for some in chunks(sorted(wanted)):
        yield from connection.execute(query, {"wanted": some})


def change_among(connection: Connection, statement: Executable, wanted: Iterable[Any], **values: Any) -> int:
    """Run an UPDATE or DELETE that has among(), in the order of rows_among(); return how many rows it met."""
    pieces = chunks(sorted(wanted))
    return sum(int(connection.execute(statement, {"wanted": some, **values}).rowcount) for some in pieces)


def value_of(kind: type[T], row: AnyRow, /, **more: Any) -> T:
    """Return the value whose fields have the names of the row's columns; columns without a field stay behind.

    Args:
        more: fields that are no column, or say something else.
    """
    said = row._asdict()
    return kind(**{name: said[name] for name in kind.__dataclass_fields__ if name in said} | more)


def write_rows(connection: Connection, statement: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert or update *rows*, which all have the same names; return how many were written.

    Args:
        statement: made once and kept, as insert_or_ignore() keeps it; every value comes from a row,
            and defaults are the database's own.
    """
    if not rows:
        return 0
    sql, processors, is_positional = _compiled(
        statement, connection.dialect, tuple(rows[0]) if statement.is_insert else None
    )
    columns = (
        map(process, map(itemgetter(name), rows)) if process else map(itemgetter(name), rows)
        for name, process in processors
    )
    values: Any = list(zip(*columns, strict=True))
    if not is_positional:
        values = [dict(zip((name for name, _ in processors), row, strict=True)) for row in values]
    return int(connection.exec_driver_sql(sql, values).rowcount)


@lru_cache(maxsize=COMPILED)
def _compiled(
    statement: Any, dialect: Dialect, names: Sequence[str] | None
) -> tuple[str, list[tuple[str, Process | None]], bool]:
    """Return a statement's text, what makes its parameters of values, and whether they go by position."""
    compiled = statement.compile(dialect=dialect, column_keys=names)
    processors = [
        (name, _process_of(compiled.binds[name].type, dialect))
        for name in compiled.positiontup or compiled.params
    ]
    return str(compiled), processors, compiled.positional


def _process_of(kind: Any, dialect: Dialect) -> Process | None:
    # both drivers take bytes as they are
    is_bytes = isinstance(kind, LargeBinary)
    return None if is_bytes else kind.dialect_impl(dialect).bind_processor(dialect)


def insert_or_ignore(connection: Connection, table: Table) -> Any:
    """Return an INSERT that leaves alone what is there already."""
    return _or_ignore(connection.dialect.name, table)


def insert_or_replace(connection: Connection, table: Table, *columns: str) -> Any:
    """Return an INSERT that overwrites these columns of a row that is there already."""
    return _or_set(connection.dialect.name, table, columns, False)


def insert_or_add(connection: Connection, table: Table, *columns: str) -> Any:
    """Return an INSERT that adds to these columns of a row that is there already."""
    return _or_set(connection.dialect.name, table, columns, True)


@cache
def _or_ignore(dialect: str, table: Table) -> Any:
    return insert_for(dialect, table).on_conflict_do_nothing()


@cache
def _or_set(dialect: str, table: Table, columns: Sequence[str], adds: bool) -> Any:
    statement = insert_for(dialect, table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: table.c[name] + new[name] if adds else new[name] for name in columns},
    )
