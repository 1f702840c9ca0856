"""Entries and texts as they are stored: as compressed JSON, clean of what no database stores.

Entry in, bytes out, and back. It happens where the entry is read, in a process of its own, and the
entry carries what came of it; of an entry that carries nothing it is worked out when asked for.
"""

from __future__ import annotations

import threading
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson
import zstandard

from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    Link,
    Origin,
    Participant,
    Person,
    Podcast,
    Transcript,
)

LEVEL = 3
#: more than any entry that a poll may bring
MAX_BYTES = 256 * 1024 * 1024

#: what is worked out of the other fields, and not stored
_DERIVED = frozenset({"wording", "packed"})
_MOMENTS = frozenset({"published", "updated"})
_LISTS: dict[str, type] = {
    "links": Link,
    "authors": Person,
    "categories": Category,
    "enclosures": Enclosure,
    "transcripts": Transcript,
    "people": Participant,
    "alternates": Enclosure,
}
_PARTS: dict[str, type] = {"podcast": Podcast, "origin": Origin}

#: of each kind of value the names of its stored fields, what takes them out, and what is left out of each
_FIELDS = {
    kind: (
        [one.name for one in stored],
        attrgetter(*[one.name for one in stored]),
        [one.default for one in stored],
    )
    for kind in (Entry, *_LISTS.values(), *_PARTS.values())
    for stored in [[one for one in fields(kind) if one.name not in _DERIVED]]
}
_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_UTC_Z

# a (de)compressor is costly to make and must not be shared between threads
_local = threading.local()


def clean(text: str) -> str:
    """Return *text* without NUL and lone surrogates, which no database stores as text."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\x00", "")


def pack(entry: Entry) -> bytes:
    """Return the entry as it is stored: as it carries that, or packed now."""
    return entry.packed or _compress(_json(entry))


def unpack(stored: bytes) -> Entry:
    """Return the entry that pack() stored."""
    return Entry(**_filled(orjson.loads(_decompress(stored))))


def pack_text(text: str) -> bytes:
    """Return a text as it is stored."""
    return _compress(clean(text).encode())


def unpack_text(stored: bytes) -> str:
    """Return the text that pack_text() stored."""
    return _decompress(stored).decode()


def _json(entry: Entry) -> bytes:
    try:
        raw = orjson.dumps(entry, _stored_fields, _OPTIONS)
        if b"\\u0000" not in raw:
            return raw
    except orjson.JSONEncodeError:
        pass  # a lone surrogate somewhere inside
    return orjson.dumps(_cleaned(entry), option=_OPTIONS)


def _stored_fields(value: Any) -> dict[str, Any]:
    """Return the fields of a frozen value that are not at their default."""
    names, of, defaults = _FIELDS[value.__class__]
    told = zip(names, of(value), defaults, strict=True)
    return {name: inner for name, inner, default in told if inner != default}


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case tuple():
            return [_cleaned(each) for each in value]
        case None | int() | datetime():
            return value
        case _:
            # what is nothing but such characters is at its default then, and left out as well
            cleaned = {name: _cleaned(inner) for name, inner in _stored_fields(value).items()}
            names, _, defaults = _FIELDS[value.__class__]
            at_default = dict(zip(names, defaults, strict=True))
            return {name: inner for name, inner in cleaned.items() if inner != at_default[name]}


def _filled(found: dict[str, Any]) -> dict[str, Any]:
    """Return what our own JSON holds as the fields of a value; by hand, for it is done at every rendering."""
    for name in _MOMENTS & found.keys():
        found[name] = datetime.fromisoformat(found[name])
    for name in _LISTS.keys() & found.keys():
        kind = _LISTS[name]
        found[name] = tuple([kind(**value) for value in found[name]])
    for name in _PARTS.keys() & found.keys():
        found[name] = _PARTS[name](**_filled(found[name]))
    return found


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
