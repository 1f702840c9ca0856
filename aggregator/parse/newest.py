"""Of documents that are too long, the newest entries are kept."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.model import Entry

#: entries read from one document
MAX_ENTRIES = 20_000
_NEVER = datetime.min.replace(tzinfo=UTC)


def newest(entries: list[Entry]) -> list[Entry]:
    """Return at most MAX_ENTRIES of one document, in its order: the newest, then the first undated ones."""
    if len(entries) <= MAX_ENTRIES:
        return entries

    def rank(index: int) -> tuple[datetime, int]:
        return (entries[index].published or entries[index].updated or _NEVER, -index)

    kept = set(sorted(range(len(entries)), key=rank, reverse=True)[:MAX_ENTRIES])
    return [entry for index, entry in enumerate(entries) if index in kept]


def left_out(entries: list[Entry]) -> tuple[str, ...]:
    """Return a warning where newest() leaves some of *entries* out."""
    if len(entries) <= MAX_ENTRIES:
        return ()
    return (f"of {len(entries)} entries the newest {MAX_ENTRIES} were read",)
