"""Named locks that a transaction takes and that end with it.

On SQLite a transaction that writes excludes all others already. On PostgreSQL they are advisory locks of the
transaction, which a connection pooler leaves intact.
"""

from __future__ import annotations

import zlib

from sqlalchemy import Connection, func, select

from aggregator.store.dialect import is_postgres


def lock(connection: Connection, name: str) -> None:
    """Wait until no other transaction has this lock, shared or not, and take it."""
    if is_postgres(connection):
        connection.execute(select(func.pg_advisory_xact_lock(_key(name))))


def lock_shared(connection: Connection, name: str) -> None:
    """Keep everybody from taking this lock, but for sharing it."""
    if is_postgres(connection):
        connection.execute(select(func.pg_advisory_xact_lock_shared(_key(name))))


def try_lock(connection: Connection, name: str) -> bool:
    """Take this lock if nobody has it; tell whether it is taken."""
    if not is_postgres(connection):
        return True
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_key(name)))))


def _key(name: str) -> int:
    return zlib.crc32(f"aggregator {name}".encode())
