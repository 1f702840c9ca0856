"""Of documents that are too long, the newest entries are kept."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.model import Entry

_NEVER = datetime.min.replace(tzinfo=UTC)


def newest(entries: list[Entry], limit: int) -> list[Entry]:
    """Return at most *limit* entries in document order: the newest, then the first undated ones."""
    if len(entries) <= limit:
        return entries

    def rank(index: int) -> tuple[datetime, int]:
        return (entries[index].published or entries[index].updated or _NEVER, -index)

    kept = set(sorted(range(len(entries)), key=rank, reverse=True)[:limit])
    return [entry for index, entry in enumerate(entries) if index in kept]
