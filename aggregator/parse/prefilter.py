"""Entries whose bytes we have read before are left out of a document before the slow reading.

The text of an XML feed and what the last reading left behind flow in; the text without the
entries that are known flows out, with the keys of those. Nothing is guessed: an entry is known
by a hash of its own bytes, and only while everything it inherits (bases, languages, namespaces,
the feed's authors and page) is what it was. Where anything is odd - damaged markup, a document
type, entries in unusual places, entries without id - the answer is None, and everything is read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from xml.parsers import expat

import orjson

from aggregator.model import DocumentTrace, Entry, FeedInfo, TracedEntry

#: raised whenever an entry's bytes may be read differently than before; old traces end with it
READER = 7

_PLACES = {("rss", "channel", "item"), ("rdf:RDF", "item"), ("feed", "entry")}
_XHTML = b'xmlns="http://www.w3.org/1999/xhtml"'
#: entries lie no deeper in a document
_DEEPEST = max(map(len, _PLACES))
#: what may only stand before the root element, of well-formed XML (XML 1.0 §2.8)
_ODD = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
#: a tag to its end; ">" may stand inside quotation marks
_TAG = re.compile(rb"""<(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")


@dataclass(frozen=True)
class Cut:
    """Where the entries of a document stand in its bytes."""

    data: bytes
    #: start and end of each entry, in document order
    spans: tuple[tuple[int, int], ...]
    #: the start tags around the entries, hashed
    frame: str

    @cached_property
    def hashes(self) -> list[str]:
        """A hash of each entry's bytes; "" for one that must be read every time."""
        return [_hash_of(self.data[start:end]) for start, end in self.spans]

    def without(self, dropped: set[int]) -> str:
        """Return the document without the entries of these numbers."""
        parts, position = [], 0
        for number, (start, end) in enumerate(self.spans):
            if number in dropped:
                parts.append(self.data[position:start])
                position = end
        parts.append(self.data[position:])
        return b"".join(parts).decode("utf-8")


def cut(text: str) -> Cut | None:
    """Return where the entries of a feed stand; None where that cannot be told safely."""
    return _Scanner(text.encode()).run()


def context_of(cut: Cut, info: FeedInfo, version: str, base: str, language: str | None) -> str:
    """Return a hash of everything that entries inherit.

    Args:
        base: absolute URL of the document.
        language: what the server says; None if silent.
    """
    inherited = (
        READER,
        cut.frame,
        version,
        base,
        language,
        info.language,
        info.link,
        info.authors,
        info.people,
    )
    return blake2b(repr(inherited).encode("utf-8", "replace"), digest_size=8).hexdigest()


def trace_of(cut: Cut, context: str, raw_count: int, entries: tuple[Entry, ...]) -> DocumentTrace | None:
    """Return what the next reading needs to know of this one; None where entries cannot be told apart.

    Args:
        raw_count: entries that the reader found, before duplicates were resolved.
    """
    if not len(cut.spans) == raw_count == len(entries):
        return None
    rows = zip(cut.hashes, entries, strict=True)
    return DocumentTrace(
        context, tuple(TracedEntry(e.key, e.digest, raw if e.id and e.key == e.id else "") for raw, e in rows)
    )


def known_entries(cut: Cut, trace: DocumentTrace) -> dict[int, TracedEntry]:
    """Return the entries, by number, whose bytes were read before."""
    known = {row.raw: row for row in trace.entries if row.raw}
    hashes = cut.hashes
    twice = {raw for raw, count in Counter(hashes).items() if count > 1}
    return {n: known[raw] for n, raw in enumerate(hashes) if raw in known and raw not in twice}


def join_trace(
    cut: Cut, trace: DocumentTrace, same: Mapping[int, TracedEntry], fresh: tuple[Entry, ...]
) -> DocumentTrace | None:
    """Return the trace of a document of which only *fresh* was read; None if that cannot be trusted."""
    keys = {row.key for row in same.values()}
    if len(same) + len(fresh) != len(cut.spans) or len(keys) != len(same):
        return None
    if any(not entry.id or entry.key != entry.id or entry.key in keys for entry in fresh):
        return None
    read = iter(fresh)
    rows = []
    for number, raw in enumerate(cut.hashes):
        if number in same:
            rows.append(same[number])
        else:
            entry = next(read)
            rows.append(TracedEntry(entry.key, entry.digest, raw))
    return DocumentTrace(trace.context, tuple(rows))


def dump_trace(trace: DocumentTrace) -> bytes:
    """Return the trace as it is stored."""
    return orjson.dumps([trace.context, [[row.key, row.digest, row.raw] for row in trace.entries]])


def load_trace(stored: bytes) -> DocumentTrace | None:
    """Return the trace that dump_trace() wrote; None for anything else."""
    try:
        context, rows = orjson.loads(stored)
        return DocumentTrace(context, tuple(TracedEntry(*row) for row in rows))
    except (ValueError, TypeError):
        return None


def _hash_of(data: bytes) -> str:
    if b"xmlns" in data and b"xmlns" in data.replace(_XHTML, b""):
        return ""  # what it declares may hold for what follows
    return blake2b(data, digest_size=8).hexdigest()


class Places:
    """Notes where entries stand while some parser goes through a document.

    It need not be told of elements deeper than *deepest*, which changes on the way.
    """

    def __init__(self, data: bytes) -> None:
        self.deepest = _DEEPEST
        self._data = data
        self._path: tuple[str, ...] = ()
        self._start: int | None = None
        self._spans: list[tuple[int, int]] = []
        self._frame: list[bytes] = []

    def open(self, name: str, at: int) -> None:
        """Note a start tag.

        Args:
            name: with its prefix, as it is written.
            at: where it begins, in bytes.
        """
        self._path = path = (*self._path, name)
        if path in _PLACES:
            self._start, self.deepest = at, len(path)
        elif len(path) == 1 or (len(path) == 2 and name == "channel"):
            self._frame.append(self._data[at : self._tag_end(at)])

    def close(self, at: int) -> None:
        """Note an end tag, or the end of an element without content, which begins at *at*."""
        self._path = self._path[:-1]
        if self._start is not None:
            self._spans.append((self._start, self._tag_end(at)))
            self._start, self.deepest = None, _DEEPEST

    def cut(self) -> Cut | None:
        """Return where the entries stand; None where there are none, or that cannot be told safely."""
        if not self._spans or _ODD.search(self._data, 0, self._spans[0][0]):
            return None
        return Cut(self._data, tuple(self._spans), blake2b(b"".join(self._frame), digest_size=8).hexdigest())

    def _tag_end(self, start: int) -> int:
        """Return where the tag that begins at *start* ends; a ">" may stand inside quotation marks."""
        found = _TAG.match(self._data, start)
        return found.end() if found else len(self._data)


class _Scanner:
    """One pass of expat that only notes where entries begin and end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._depth = 0
        self._places = Places(data)
        self._reader = expat.ParserCreate("utf-8")
        self._reader.StartElementHandler = self._open
        self._reader.EndElementHandler = self._close

    def run(self) -> Cut | None:
        try:
            self._reader.Parse(self._data, True)
            return self._places.cut()
        except expat.ExpatError:
            return None
        finally:
            del self._reader  # it knows this scanner: together they would keep the document in memory

    def _open(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth <= self._places.deepest:
            self._places.open(name, self._reader.CurrentByteIndex)

    def _close(self, _name: str) -> None:
        if self._depth <= self._places.deepest:
            self._places.close(self._reader.CurrentByteIndex)
        self._depth -= 1
