"""Opening the database, and the two ways to hold a connection: writing and reading.

A URL flows in, an Engine out. What the driver raises when a database is missing, locked,
full, damaged or away leaves here as StoreError with one sentence that says what to do.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
)

from aggregator.errors import StoreError

__all__ = ["Connection", "Engine", "is_replica", "open_engine", "reading", "writing"]

OLDEST_SQLITE = (3, 35, 0)
#: how long a statement waits for another writer
BUSY_MS = 10_000
#: the write-ahead log is cut back to this after a checkpoint
WAL_BYTES = 64 * 1024 * 1024
#: pages in the log before they are copied into the database (16 MB): what many transactions write again
#: and again is copied once
WAL_PAGES = 4000
#: page cache of one connection
CACHE_KIB = 4 * 1024
#: connections a process keeps, and may open beyond
POOL, POOL_MORE = 4, 8


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
            return _open_sqlite(where)
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
    with _named_failures(engine), engine.connect() as connection:
        connection.execution_options(aggregator_begin="BEGIN IMMEDIATE")
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Hold a connection that sees one unchanging state of the database.

    Raises:
        StoreError: the database is damaged or away.
    """
    with _named_failures(engine), engine.connect() as connection:
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
            pool_size=POOL,
            max_overflow=POOL_MORE,
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
        with _named_failures(engine), engine.connect():
            return engine
    except StoreError:
        engine.dispose()
        raise


def _open_sqlite(where: URL) -> Engine:
    _check_sqlite()
    if not where.database or where.database == ":memory:":
        raise StoreError("database: SQLite needs a file, such as sqlite:///var/aggregator.db")
    folder = Path(where.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the database folder {folder} cannot be made: {error.strerror}") from None
    engine = create_engine(
        where.set(drivername="sqlite"),
        pool_size=POOL,
        max_overflow=POOL_MORE,
        pool_timeout=30,
        # the connection used last has the pages in its cache; in turn, each would fill one of its own
        pool_use_lifo=True,
        # values may be secrets, and tracebacks are logged
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    try:
        with _named_failures(engine):
            _use_wal(engine)
    except StoreError:
        engine.dispose()
        raise
    _keep_to_file(engine, where.database)
    return engine


def _keep_to_file(engine: Engine, path: str) -> None:
    """See to it that connections are to the files that are there now, and that none makes another database.

    A file that was removed can be written for as long as it is open, and all of that would be lost. Without
    the same ``-shm``, two processes would not see each other's locks.
    """

    def look(_connection: Any, record: Any, _borrowed: Any) -> None:
        now, shared = _number(path), _find_number(f"{path}-shm")
        known = record.info.setdefault("file", now), record.info.get("shm") or shared
        record.info["shm"] = known[1]
        if known != (now, shared):
            engine.dispose()  # a process has the -shm open once, for all its connections
            raise DisconnectionError  # another is opened, to the files of today

    def look_first(*_: Any) -> None:
        _number(path)

    event.listen(engine, "do_connect", look_first)
    event.listen(engine, "checkout", look)


def _find_number(path: str) -> tuple[int, int] | None:
    try:
        return _number(path)
    except StoreError:
        return None


def _number(path: str) -> tuple[int, int]:
    """Return what tells one file from another that has its name later."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        raise StoreError(f"the database file {path} is gone; put it back, or start anew") from None
    except OSError:
        raise StoreError(f"the database file {path} cannot be opened; may this user go there?") from None
    return found.st_dev, found.st_ino


def _use_wal(engine: Engine) -> None:
    """Let readers never wait for the writer, nor it for them; kept in the file."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            with closing(engine.raw_connection()) as connection:
                cursor = connection.cursor()
                # only once: the next statement writes, and who reads must not wait for a lock or for room
                if cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                    return
                # heeded only while the file is empty: freed pages can be given back piece by piece
                cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
                cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # two processes making one new file: SQLite does not wait here by itself
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise OperationalError(None, None, error) from error
            time.sleep(0.05)
        except sqlite3.DatabaseError as error:
            raise DatabaseError(None, None, error) from error


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed; "
            "a newer Python brings it, or use PostgreSQL"
        )
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("CREATE VIRTUAL TABLE probe USING fts5(words)")
    except sqlite3.OperationalError:
        raise StoreError("this Python's SQLite has no FTS5, which search needs; use PostgreSQL") from None
    finally:
        memory.close()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # transactions are begun by _begin_sqlite, never by the driver's own guess
    connection.isolation_level = None
    settings = (
        f"busy_timeout={BUSY_MS}",
        # with WAL a crash loses nothing committed; only a power cut may lose the last moments
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"journal_size_limit={WAL_BYTES}",
        f"wal_autocheckpoint={WAL_PAGES}",
        f"cache_size=-{CACHE_KIB}",
        "temp_store=MEMORY",
    )
    try:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("aggregator_begin", "BEGIN"))


@contextmanager
def _named_failures(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError, ProgrammingError):
        raise  # our own mistake, not the database's state
    except DBAPIError as error:
        raise StoreError(_sentence(engine, str(error.orig))) from error


def _sentence(engine: Engine, cause: str) -> str:
    is_sqlite = engine.dialect.name == "sqlite"
    where = engine.url.database if is_sqlite else engine.url.set(drivername="postgresql").render_as_string()
    if is_sqlite and "unable to open" in cause and _is_mounted_read_only(Path(str(where)).parent):
        return f"the disk that holds {where} is mounted read-only; even who only reads must write beside it"
    for sign, advice in (
        ("unable to open", f"the database file {where} cannot be opened; may this user write there?"),
        ("not a database", f"{where} is not an SQLite database; name another file in `database:`"),
        ("malformed", f"the database file {where} is damaged; restore a backup"),
        (
            "readonly",
            f"the database file {where} is read-only for this user; chown it, or its disk is mounted so",
        ),
        ("database is locked", f"another program has locked {where} for more than {BUSY_MS // 1000} s"),
        ("disk is full", f"the disk that holds {where} is full; make room"),
        ("disk I/O", f"the disk that holds {where} reports an error; is it full?"),
        ("onnection refused", f"nothing answers at {where}: is PostgreSQL running, are host and port right?"),
        ("authentication failed", f"{where} refuses user or password; see `database:` and pg_hba.conf"),
        ("does not exist", f"{where} has no such database or user; createdb and createuser make them"),
        ("read-only transaction", f"{where} takes no writes: it was told to refuse them"),
        ("during recovery", f"{where} takes no writes: it is a replica"),
    ):
        if sign in cause:
            return advice
    return f"the database {where} cannot be used: {' '.join(cause.split())}"


def _is_mounted_read_only(folder: Path) -> bool:
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False
