"""Backups: a whole store as one SQLite file, from either engine, while everything runs.

In: an engine and a path. Out: a file that `restore` and SQLite itself can open. A backup is
whole or not there: it is written beside its place and renamed at the end.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from aggregator.errors import StoreError
from aggregator.store.engine import open_engine
from aggregator.store.schema import migrate
from aggregator.store.sqlite_file import keep_from_others
from aggregator.store.transfer import copy_store, is_empty

#: pages copied at a time: writers wait no longer than for these
PAGES = 2000


def backup(engine: Engine, path: Path, progress: Callable[[int], None] | None = None) -> None:
    """Write the whole store to *path*, replacing a backup that is there.

    Args:
        progress: called with the pages (SQLite) or rows (PostgreSQL) copied so far.

    Raises:
        StoreError: the file cannot be written, or the database is damaged; a backup that is there stays.
    """
    part = path.with_name(f".{path.name}.part")
    _remove(part)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if engine.dialect.name == "sqlite":
            _copy_file(Path(str(engine.url.database)), part, progress)
        else:
            target = open_engine(f"sqlite:///{part}")
            try:
                copy_store(engine, target, progress)
            finally:
                target.dispose()
        _settle(part)
        os.replace(part, path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the backup {path} cannot be written: {error}") from error
    finally:
        _remove(part)


def restore(path: Path, engine: Engine, progress: Callable[[int], None] | None = None) -> None:
    """Fill the empty database of *engine* from a backup; one of an earlier release is brought up to date.

    Raises:
        StoreError: there is no such backup, or the database is not empty.
        StoreTooNew: a later release wrote the backup.
    """
    try:
        if not path.is_file():
            raise StoreError(f"there is no backup {path}")
        with _workplace(engine) as copy:
            _copy_file(path, copy, None)
            source = open_engine(f"sqlite:///{copy}")
            try:
                if is_empty(source):
                    raise StoreError(f"{path} is no backup of a store")
                migrate(source)
                copy_store(source, engine, progress)
            finally:
                source.dispose()
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the backup {path} cannot be read: {error}") from error


@contextmanager
def _workplace(engine: Engine) -> Iterator[Path]:
    """Where a backup is copied to be brought up to date: not beside it, for it may lie where nobody writes.

    Beside an SQLite file it always has the same name: what a killed restore left goes with the next.
    """
    if engine.dialect.name != "sqlite":
        with TemporaryDirectory(prefix="aggregator-restore-") as folder:
            yield Path(folder, "copy")
        return
    database = Path(str(engine.url.database))
    copy = database.with_name(f".{database.name}.restoring")
    _remove(copy)
    try:
        yield copy
    finally:
        _remove(copy)


def _copy_file(source: Path, target: Path, progress: Callable[[int], None] | None) -> None:
    """Copy a live SQLite file page by page, one consistent state, by SQLite's own means."""
    keep_from_others(target)
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        # in a transaction it is one state from the first page to the last; else each write begins it anew
        there.execute("BEGIN")
        there.execute("SELECT count(*) FROM sqlite_master").fetchone()
        there.backup(
            here, pages=PAGES, progress=lambda _, left, total: progress(total - left) if progress else None
        )


def _settle(path: Path) -> None:
    """Leave one sound file: nothing in a log beside it, and on the disk for certain."""
    with closing(sqlite3.connect(path)) as connection:
        # pages are copied as they are; what is damaged is no backup, and takes the place of none
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError("the database is damaged; restore a backup made before")
        connection.execute("PRAGMA journal_mode=DELETE")
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _remove(path: Path) -> None:
    """Remove a database and what SQLite keeps beside it; who writes there next says why that cannot be."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(f"{path.name}{ending}").unlink()
