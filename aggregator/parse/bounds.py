"""The last step of reading: no field of an entry is larger than a store, a page or a reader can bear.

A ParsedFeed flows in as its document has it, one with every text cut to its limit flows out. Keys
and digests stay what they were, so a cut entry is the same entry at the next reading. Addresses
are never cut: what is too long to be one was left out before.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Any, TypeVar

from aggregator.model import Entry, ParsedFeed
from aggregator.parse.html import sanitise
from aggregator.parse.links import MAX_LENGTH

#: characters of a title, and of a name or label
MAX_TITLE, MAX_LABEL = 1000, 500
#: characters of a summary and of a content, markup included
MAX_BODY = 1_000_000
#: people, links and other things of one entry
MAX_PARTS = 200
#: characters of what all entries of a feed inherit: each of thousands is stored with it
MAX_INHERITED = 5000
_BODIES = ("summary", "content")
#: what is cut elsewhere, or says nothing about size
_LEFT = frozenset({"key", "digest", "words", "published", "updated", *_BODIES})
_LIMITS = {"title": MAX_TITLE, "name": MAX_LABEL, "term": MAX_LABEL, "label": MAX_LABEL}
Value = TypeVar("Value")


def inheritable(people: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return the first of a feed's people, as many as its entries may inherit."""
    sizes = accumulate(len(repr(one)) for one in people)
    return tuple(one for one, size in zip(people, sizes, strict=True) if size <= MAX_INHERITED)


def bounded(parsed: ParsedFeed) -> ParsedFeed:
    """Return *parsed* with every field cut to its limit."""
    return replace(parsed, entries=tuple(map(_entry, parsed.entries)), info=_cut(parsed.info))


@lru_cache
def _limits(kind: type) -> tuple[tuple[str, int], ...]:
    """Return the fields of a frozen value that may be too long, and how long each may be."""
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    return tuple((name, _LIMITS.get(name, MAX_LENGTH)) for name in names if name not in _LEFT)


def _entry(entry: Entry) -> Entry:
    changed: dict[str, Any] = {}
    if len(entry.id) > len(entry.key):
        changed["id"] = entry.key  # the key of such an id is its beginning and a hash of the whole
    for name in _BODIES:
        if len(html := getattr(entry, name)) > MAX_BODY:
            changed[name] = sanitise(html[:MAX_BODY], entry.link or "")
    return _cut(replace(entry, **changed) if changed else entry)


def _cut(value: Value) -> Value:
    """Return a frozen value with its texts and tuples cut; itself if none is too long."""
    changed = {
        name: new
        for name, limit in _limits(value.__class__)  # type: ignore[arg-type]
        if (old := getattr(value, name)) and (new := _cut_part(old, limit)) is not old
    }
    return replace(value, **changed) if changed else value  # type: ignore[type-var]


def _cut_part(part: Any, limit: int) -> Any:
    if isinstance(part, str):
        return part if len(part) <= limit else part[: limit - 1].rstrip() + "…"
    if isinstance(part, tuple):
        cut = tuple(_cut_part(each, limit) for each in part[:MAX_PARTS])
        same = len(cut) == len(part) and all(new is old for new, old in zip(cut, part, strict=True))
        return part if same else cut
    return _cut(part)
