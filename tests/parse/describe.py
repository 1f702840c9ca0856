"""A parsed feed as plain JSON values without empty fields, so that a case shows what matters."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from aggregator.model import ParsedFeed

#: derived from the other fields; tested by themselves
_DERIVED = frozenset({"digest", "words", "trace", "wording"})


def describe(parsed: ParsedFeed) -> dict[str, Any]:
    """Return format, feed values, entries and warnings of *parsed*, empty fields left out."""
    made = {"info": {}, **_plain(parsed)}
    for entry in made.get("entries", ()):
        if entry.get("key") == entry.get("id"):
            del entry["key"]
        elif entry.get("key", "").startswith("hash:"):
            entry["key"] = "hash"
    return made


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        silent = {name for name, part in fields.items() if name.startswith("is_") and part is False}
        return {n: part for n, part in fields.items() if not _is_empty(part) and n not in _DERIVED | silent}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (not value and isinstance(value, str | list | dict))
