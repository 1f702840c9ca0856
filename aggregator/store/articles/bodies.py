"""Entries as stored: whole, as compressed JSON, apart from the slim row of their article.

Entry in, bytes out, and back. Also the hashes by which articles are looked up. No SQL here.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import orjson
import zstandard
from pydantic import TypeAdapter

from aggregator.model import Category, Enclosure, Entry, Link, Person
from aggregator.store.types import clean, dump

LEVEL = 3
#: more than any entry that a poll may bring
MAX_BYTES = 256 * 1024 * 1024

#: fields with values inside values, left to pydantic
_RARE = frozenset({"podcast", "origin"})
#: what is worked out of the others, and not stored
_DERIVED = frozenset({"wording"})
_MOMENTS = frozenset({"published", "updated"})
_LISTS: dict[str, Callable[..., Any]] = {
    "links": Link,
    "authors": Person,
    "categories": Category,
    "enclosures": Enclosure,
}

# a (de)compressor is costly to make and must not be shared between threads
_local = threading.local()


@cache
def entry_adapter() -> TypeAdapter[Entry]:
    # made when first needed: a poll that brings nothing new never is the time
    return TypeAdapter(Entry)


def pack(entry: Entry) -> bytes:
    """Return the entry as it is stored."""
    return _compress(dump(entry_adapter(), entry, without=_DERIVED))


def pack_text(text: str) -> bytes:
    """Return a text as it is stored."""
    return _compress(clean(text).encode())


def _compress(raw: bytes) -> bytes:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=LEVEL)
    packed: bytes = _local.compressor.compress(raw)
    return packed


def unpack(stored: bytes) -> Entry:
    """Return the entry that pack() stored."""
    return read_entry(_decompress(stored))


def unpack_text(stored: bytes) -> str:
    """Return the text that pack_text() stored."""
    return _decompress(stored).decode()


def _decompress(stored: bytes) -> bytes:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    raw: bytes = _local.decompressor.decompress(stored, max_output_size=MAX_BYTES)
    return raw


def read_entry(raw: bytes) -> Entry:
    """Return the entry of our own JSON; by hand, as a feed of fifty is read at every rendering."""
    found: dict[str, Any] = orjson.loads(raw)
    if not _RARE.isdisjoint(found):
        return entry_adapter().validate_json(raw)
    for name in _MOMENTS & found.keys():
        found[name] = datetime.fromisoformat(found[name])
    for name in _LISTS.keys() & found.keys():
        kind = _LISTS[name]
        found[name] = tuple(kind(**value) for value in found[name])
    return Entry(**found)


def identity_of(source_id: int, key: str) -> bytes:
    """Return what an article is found by: its source's id, then a hash of its key.

    The id in front keeps the rows of one source together in the index, so a poll reads
    a page or two however many articles there are.
    """
    return source_id.to_bytes(8, "big") + hashlib.blake2b(clean(key).encode(), digest_size=12).digest()


def hash_of(text: str) -> bytes:
    """Return a short hash that stands for a URL or an id in an index."""
    return hashlib.blake2b(clean(text).encode(), digest_size=12).digest()


def minted_id(first_url: str, key: str, tried: int = 0) -> str:
    """Return the published id of an entry whose own id is taken (RFC 9562 §5.5).

    Args:
        tried: how many minted ones were taken, too.
    """
    minted = uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, first_url), key)
    for _ in range(tried):
        minted = uuid.uuid5(minted, key)
    return minted.urn
