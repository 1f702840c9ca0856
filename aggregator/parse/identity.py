"""Which entry is which: keys within one source, and a digest of what a reader would notice.

Entries flow in as their document has them; entries with key and digest flow out, no two with
one key. Nothing is compared with earlier documents; that is the gate's work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b

from aggregator.model import Entry

_NEVER = datetime.min.replace(tzinfo=UTC)
_MAX_KEY = 2000


def identify(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return *entries* with key and digest, in document order, duplicates resolved.

    The key is the entry id character by character (RFC 4287 §4.2.6), else the link, else the
    first enclosure, else a hash of title and text. Of several entries with one key the one
    updated last stays (RFC 4287 §4.1.1), at the place of the first; with equal dates the first.
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        key = key_of(entry)
        known = found.get(key)
        if known is None or _moment(entry) > _moment(known):
            found[key] = replace(entry, key=key, digest=digest_of(entry))
    return tuple(found.values())


def key_of(entry: Entry) -> str:
    """Return the identity of *entry* within its source, never empty.

    A key too long to be stored keeps its beginning and gets a hash of the whole.
    """
    key = entry.id or entry.link or (entry.enclosures[0].url if entry.enclosures else "")
    if not key:
        return "hash:" + _hash((entry.title, entry.content or entry.summary))
    return key if len(key) <= _MAX_KEY else f"{key[: _MAX_KEY - 48]}#{_hash((key,))}"


def digest_of(entry: Entry) -> str:
    """Return a hash of what a reader would notice; dates are left out.

    Many publishers touch a date with every answer; a new date alone changes nothing to read.
    """
    fields = [entry.title, entry.link or "", entry.summary, entry.content, entry.image or ""]
    fields += [f"{person.name}\0{person.email}" for person in entry.authors]
    fields += [category.term for category in entry.categories]
    fields += [file.url for file in entry.enclosures]
    return _hash(fields)


def _hash(fields: Iterable[str]) -> str:
    data = "\x1f".join(fields).encode("utf-8", "replace")
    return blake2b(data, digest_size=20).hexdigest()


def _moment(entry: Entry) -> datetime:
    return entry.updated or entry.published or _NEVER
