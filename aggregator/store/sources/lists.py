"""Lists of sources kept by somebody else, as they were when last read well.

In: what a file or an answer held, or why it could not be read. Out: the bytes in force. A
list that cannot be read leaves the one before in force; nothing is parsed here.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from aggregator.model import Validators
from aggregator.store.rows import insert_or_replace, value_of, write_rows
from aggregator.store.tables import source_lists

c = source_lists.c
#: more than any list that may be read
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredList:
    """What is known of one list."""

    #: URL or absolute path
    place: str
    #: of the bytes in force; None if it was never read
    digest: str | None
    validators: Validators
    checked_at: datetime
    #: when the bytes in force came; None if never
    read_at: datetime | None
    #: why the last reading failed, one sentence; None if it went well
    reason: str | None


def load_lists(connection: Connection) -> dict[str, StoredList]:
    """Return every list by its place, without its bytes."""
    query = select(*(column for column in c if column.name != "body"))
    return {
        row.place: value_of(
            StoredList, row, validators=Validators(row.etag, row.last_modified, row.validators_url)
        )
        for row in connection.execute(query)
    }


def load_body(connection: Connection, place: str) -> bytes | None:
    """Return the bytes in force of one list; None if it was never read."""
    packed = connection.scalar(select(c.body).where(c.place == place))
    return zlib.decompressobj().decompress(packed, MAX_BYTES) if packed else None


def digest_of(body: bytes) -> str:
    """Return the hash by which a list's bytes are told from others."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def save_list(connection: Connection, place: str, body: bytes, validators: Validators, now: datetime) -> bool:
    """Put the bytes of a list that can be read in force; return whether they are new."""
    digest = digest_of(body)
    known = connection.scalar(select(c.digest).where(c.place == place))
    values: dict[str, object] = {
        "etag": validators.etag,
        "last_modified": validators.last_modified,
        "validators_url": validators.url,
        "checked_at": now,
        "reason": None,
    }
    if known != digest:
        values |= {"body": zlib.compress(body), "digest": digest, "read_at": now}
    _write(connection, place, values)
    return known != digest


def note_list(connection: Connection, place: str, reason: str | None, now: datetime) -> None:
    """Note that a list was looked at and is as it was, or why it could not be read."""
    _write(connection, place, {"checked_at": now, "reason": reason})


def forget_lists(connection: Connection, kept: Collection[str]) -> None:
    """Drop the lists that the configuration no longer names."""
    stored = connection.scalars(select(c.place)).all()
    for place in set(stored) - set(kept):
        connection.execute(delete(source_lists).where(c.place == place))


def _write(connection: Connection, place: str, values: dict[str, object]) -> None:
    write_rows(connection, insert_or_replace(connection, source_lists, *values), [{"place": place, **values}])
