"""What drivers raise when a database is missing, locked, full, damaged or away becomes one StoreError.

An exception flows in, a sentence that says what to do flows out. Passwords never do.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from aggregator.errors import StoreError

#: a disk with less free space, in bytes, has none for a batch of polls
FULL = 4_000_000

#: what a driver's message has in it, and what is said of the database {where} then; the first that fits
_SQLITE = (
    ("unable to open", "the database file {where} cannot be opened; may this user write there?"),
    ("not a database", "{where} is not an SQLite database; name another file in `database:`"),
    ("malformed", "the database file {where} is damaged; restore a backup"),
    ("vtable constructor failed", "the database file {where} is damaged; restore a backup"),
    ("readonly", "the database file {where} is read-only for this user; chown or chmod it"),
    ("database is locked", "another program has locked {where} for longer than we wait"),
    ("disk is full", "the disk that holds {where} is full; make room"),
    ("disk I/O", "the disk that holds {where} reports an error; see the system's log"),
    ("already exists", "{where} holds tables of another program; name another file in `database:`"),
)
_POSTGRES = (
    ("onnection refused", "nothing answers at {where}: is PostgreSQL running, are host and port right?"),
    ("failed to resolve host", "the host in {where} has no address: is its name right?"),
    ("timeout expired", "{where} does not answer: is a firewall between, are host and port right?"),
    ("authentication failed", "{where} refuses user or password; see `database:` and pg_hba.conf"),
    ("does not exist", "{where} has no such database or user; createdb and createuser make them"),
    ("permission denied", "{where} does not let this user work: it has to own the database and its tables"),
    ("already exists", "{where} holds tables of another program; name another database in `database:`"),
    ("read-only transaction", "{where} takes no writes: it was told to refuse them"),
    ("during recovery", "{where} takes no writes: it is a replica"),
    ("too many c", "{where} has no connection left; raise max_connections, or put a pooler before it"),
    ("connection slots", "{where} has no connection left; raise max_connections, or put a pooler before it"),
    ("No space left", "the disk of {where} is full; make room"),
)


#: PostgreSQL counts among mistakes in SQL what a user may not do, and that a table is there already
_NO_MISTAKES = ("permission denied", "already exists")


@contextmanager
def named_failures(engine: Engine) -> Iterator[None]:
    """Raise StoreError for what the state of the database causes; our own mistakes pass as they are."""
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except DBAPIError as error:
        cause = " ".join(str(error.orig).split())
        if isinstance(error, ProgrammingError) and not any(sign in cause for sign in _NO_MISTAKES):
            raise
        raise StoreError(_sentence(engine, cause)) from error


def disk_trouble(path: Path) -> str:
    """Return what keeps everybody from writing to the disk that holds *path*; empty if nothing does.

    Raises:
        OSError: there is no such file, or it cannot be looked at.
    """
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return "is mounted read-only; SQLite writes beside its file even where it only reads"
    return "is full; make room" if shutil.disk_usage(path).free < FULL else ""


def _sentence(engine: Engine, cause: str) -> str:
    if engine.dialect.name != "sqlite":
        where = engine.url.set(drivername="postgresql").render_as_string()
        return _said(_POSTGRES, where, cause)
    where = str(engine.url.database)
    if any(sign in cause for sign in ("unable to open", "readonly", "disk I/O")):
        with suppress(OSError):
            if trouble := disk_trouble(Path(where).parent):
                return f"the disk that holds {where} {trouble}"
    return _said(_SQLITE, where, cause)


def _said(sentences: Sequence[tuple[str, str]], where: str, cause: str) -> str:
    found = (said for sign, said in sentences if sign in cause)
    return next(found, "the database {where} cannot be used: {cause}").format(where=where, cause=cause)
