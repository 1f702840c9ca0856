"""Entries and texts as they are stored: as compressed JSON.

Entry in, bytes out, and back. It happens where the entry is read, in a process of its own, and the
entry carries what came of it; of an entry that carries nothing it is worked out when asked for.
"""

from __future__ import annotations

import threading

import zstandard

from aggregator.model import Entry
from aggregator.model.json_values import as_json, clean, reader_of

LEVEL = 3
#: more than any entry that a poll may bring
MAX_BYTES = 256 * 1024 * 1024

# a (de)compressor is costly to make and must not be shared between threads
_local = threading.local()


def pack(entry: Entry) -> bytes:
    """Return the entry as it is stored: as it carries that, or packed now."""
    return entry.packed or _compress(as_json(entry))


def unpack(stored: bytes) -> Entry:
    """Return the entry that pack() stored."""
    entry: Entry = reader_of(Entry)(_decompress(stored))
    return entry


def pack_text(text: str) -> bytes:
    """Return a text as it is stored."""
    return _compress(clean(text).encode())


def unpack_text(stored: bytes) -> str:
    """Return the text that pack_text() stored."""
    return _decompress(stored).decode()


def _compress(raw: bytes) -> bytes:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=LEVEL)
    packed: bytes = _local.compressor.compress(raw)
    return packed


def _decompress(stored: bytes) -> bytes:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    raw: bytes = _local.decompressor.decompress(stored, max_output_size=MAX_BYTES)
    return raw
