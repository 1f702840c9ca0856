"""The publisher's labels: feedparser's tags become Category values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aggregator.model import Category
from aggregator.parse.texts import plain

#: a document with more labels on one entry means something else by them
MAX_CATEGORIES = 100


def labels(raw: Iterable[Mapping[str, Any]]) -> tuple[Category, ...]:
    """Return the labels in document order, none twice; those without a term take their label."""
    found: dict[tuple[str, str | None], Category] = {}
    for tag in raw:
        label = plain(tag.get("label")) or None
        term = plain(tag.get("term")) or label or ""
        scheme = (tag.get("scheme") or "").strip() or None
        if term:
            found.setdefault((term, scheme), Category(term, scheme, label))
        if len(found) >= MAX_CATEGORIES:
            break
    return tuple(found.values())
