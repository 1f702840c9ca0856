"""Opening the database, and the two ways to hold a connection: writing and reading.

A URL flows in, an Engine out. What the driver raises when a database cannot be used leaves here as
StoreError with one sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError

from aggregator.errors import StoreError
from aggregator.store.failures import named_failures
from aggregator.store.sqlite_file import open_sqlite

__all__ = ["Connection", "Engine", "is_replica", "open_engine", "reading", "writing"]

#: connections that a process keeps, and may open beyond
POOL = {"pool_size": 4, "max_overflow": 8}


def open_engine(url: str | URL) -> Engine:
    """Return an engine for a ``sqlite:///`` or ``postgresql://`` URL that can be reached now.

    The folder of an SQLite file is made when missing. The caller disposes of the engine.

    Raises:
        StoreError: the database cannot be used, and what to do about it.
    """
    try:
        where = make_url(url)
    except ArgumentError:
        raise StoreError(
            "this is no database URL; write sqlite:///path/to/file.db or postgresql://…"
        ) from None
    match where.get_backend_name():
        case "sqlite":
            return open_sqlite(where, **POOL)
        case "postgresql" | "postgres":
            return _open_postgres(where)
        case other:
            raise StoreError(f"database: {other!r} is not supported; use sqlite:/// or postgresql://")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Hold a connection in a transaction that writes; it commits unless an exception leaves it.

    On SQLite it is the only writer of the file from the first moment (BEGIN IMMEDIATE), so
    that it cannot fail half-way for a lock. Keep it short.

    Raises:
        StoreError: the database is locked for long, full, read-only, damaged or away.
    """
    with named_failures(engine), engine.connect() as connection:
        connection.execution_options(aggregator_begin="BEGIN IMMEDIATE")
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Hold a connection that sees one unchanging state of the database.

    Raises:
        StoreError: the database is damaged or away.
    """
    with named_failures(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def is_replica(engine: Engine) -> bool:
    """Tell whether nothing may be written here: a PostgreSQL that follows another, or is made read-only."""
    if engine.dialect.name != "postgresql":
        return False
    asked = text("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'")
    with reading(engine) as connection:
        return bool(connection.scalar(asked))


def _open_postgres(where: URL) -> Engine:
    try:
        engine = create_engine(
            where.set(drivername="postgresql+psycopg"),
            **POOL,
            # a server that was restarted costs one reconnect, not one failure
            pool_pre_ping=True,
            # values may be secrets, and tracebacks are logged
            hide_parameters=True,
            # no prepared statements: a connection pooler hands each transaction another session
            connect_args={"connect_timeout": 10, "application_name": "aggregator", "prepare_threshold": None},
        )
    except ModuleNotFoundError:
        raise StoreError(
            "PostgreSQL needs the extra 'postgres': pip install 'feed-aggregator[postgres]'"
        ) from None
    try:
        with named_failures(engine), engine.connect():
            return engine
    except StoreError:
        engine.dispose()
        raise
