"""Transfer: a whole store from one database into another, empty one; ids and bytes stay.

In: two engines. Out: the number of rows copied. Rows travel as they are stored, so nothing is
read anew on the way; only the index of words, which each engine keeps in its own form, is
made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, TypeDecorator, func, inspect, select, text

from aggregator.errors import StoreError
from aggregator.store.articles.arriving import load_entries
from aggregator.store.articles.fulltext import index_words
from aggregator.store.dialect import is_postgres
from aggregator.store.engine import reading, writing
from aggregator.store.schema import migrate
from aggregator.store.tables import articles, metadata

#: rows held in memory at a time
BATCH = 1000


def copy_store(source: Engine, target: Engine, progress: Callable[[int], None] | None = None) -> int:
    """Copy everything from *source* into the empty *target* in one transaction; return the rows copied.

    *source* must have this release's schema; *target* gets it.

    Args:
        progress: called with the rows copied so far.

    Raises:
        StoreError: the target holds something already, or either cannot be used.
    """
    migrate(target)
    done = 0
    with reading(source) as there, writing(target) as here:
        _refuse_full(here)
        for table in metadata.sorted_tables:
            for rows in _pages(there, table):
                here.execute(_plain(table).insert(), rows)
                done += len(rows)
                if progress:
                    progress(done)
        for table in metadata.sorted_tables:
            if _counts(table):
                _continue_counting(here, table, _last_number(there, table))
        _index(here)
    return done


def _refuse_full(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if connection.scalar(select(func.count()).select_from(select(table).limit(1).subquery())):
            raise StoreError(
                "something is stored in the database that is to be filled; only an empty database is filled"
            )


def _plain(table: Table) -> Table:
    """The table with its columns as they are stored, so that values are neither read nor made anew."""
    columns = [
        Column(c.name, c.type.impl_instance if isinstance(c.type, TypeDecorator) else c.type) for c in table.c
    ]
    return Table(table.name, MetaData(), *columns)


def _pages(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    plain = _plain(table)
    order = [plain.c[c.name] for c in table.primary_key]
    result = connection.execution_options(yield_per=BATCH).execute(select(plain).order_by(*order))
    for rows in result.mappings().partitions():
        yield [dict(row) for row in rows]


def _counts(table: Table) -> bool:
    return table.autoincrement_column is not None


def _last_number(connection: Connection, table: Table) -> int:
    """The last id that was ever given in *table*: ids of what was deleted are not given again."""
    if not is_postgres(connection):
        counter = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        counted = connection.scalar(counter, {"name": table.name}) or 0
        # where an id may be given again, SQLite does not count but takes the one after the highest
        return max(int(counted), connection.scalar(select(func.max(table.c.id))) or 0)
    name = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
    row = connection.execute(text(f"SELECT last_value, is_called FROM {name}")).one()
    return int(row.last_value) if row.is_called else int(row.last_value) - 1


def _continue_counting(connection: Connection, table: Table, last: int) -> None:
    if last == 0:
        return
    if is_postgres(connection):
        step = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
        connection.execute(step, {"name": table.name, "last": last})
        return
    values = {"name": table.name, "last": last}
    moved = connection.execute(text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name"), values)
    if moved.rowcount == 0:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


def _index(connection: Connection) -> None:
    last = 0
    while True:
        query = select(articles.c.id).where(articles.c.id > last).order_by(articles.c.id).limit(BATCH)
        ids = list(connection.scalars(query))
        if not ids:
            return
        index_words(connection, sorted(load_entries(connection, ids).items()))
        last = ids[-1]


def is_empty(engine: Engine) -> bool:
    """Tell whether the database has no tables of ours yet."""
    with reading(engine) as connection:
        return not inspect(connection).has_table("articles")
