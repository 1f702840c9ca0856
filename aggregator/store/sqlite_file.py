"""One SQLite file as a database: how it is opened, how transactions begin, and that it stays the same file.

A URL flows in, an Engine out. Readers never wait for the writer, nor it for them (WAL).
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DisconnectionError, OperationalError

from aggregator.errors import StoreError
from aggregator.store.failures import named_failures

OLDEST_SQLITE = (3, 35, 0)
#: how long a statement waits for another writer
BUSY_MS = 10_000
#: the write-ahead log is cut back to this after a checkpoint
WAL_BYTES = 64 * 1024 * 1024
#: pages in the log before they are copied into the database (16 MB): what many transactions write again
#: and again is copied once
WAL_PAGES = 4000
#: page cache of one connection: twice as much makes a first poll write 3 % less, and no faster
CACHE_KIB = 2 * 1024


def open_sqlite(where: URL, **pool: int) -> Engine:
    """Return an engine for the file of a URL; its folder is made when missing.

    Args:
        pool: sizes for create_engine().

    Raises:
        StoreError: the file cannot be used, and what to do about it.
    """
    _check_sqlite()
    if not where.database or where.database == ":memory:":
        raise StoreError("database: SQLite needs a file, such as sqlite:///var/aggregator.db")
    folder = Path(where.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the database folder {folder} cannot be made: {error.strerror}") from None
    keep_from_others(Path(where.database))
    engine = create_engine(
        where.set(drivername="sqlite"),
        **pool,
        pool_timeout=30,
        # the connection used last has the pages in its cache; in turn, each would fill one of its own
        pool_use_lifo=True,
        # values may be secrets, and tracebacks are logged
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    try:
        with named_failures(engine):
            _use_wal(engine)
    except StoreError:
        engine.dispose()
        raise
    _keep_to_file(engine, where.database)
    return engine


def keep_from_others(path: Path) -> None:
    """Make a database that is not there so that only user and group read it: secrets stand in it."""
    with suppress(OSError):  # SQLite says better why it cannot be made
        os.close(os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL, 0o660))


def _keep_to_file(engine: Engine, path: str) -> None:
    """Make sure that connections lead to the files that are there now, and that none makes another database.

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
                # asked first: to set it writes, and readers must not wait for a lock or for space
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
