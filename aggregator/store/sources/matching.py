"""Which configured source is which stored one.

In: the sources of a configuration and the slim rows of the store. Out: for each source its
row, or None for a new one. A source is the same while its id, its URL or its name stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aggregator.model import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSource:
    """The little of a stored source by which it is recognised, and what may have changed."""

    id: int
    slug: str
    url: str
    name: str | None
    handle: str | None
    #: where it permanently moved; None if it did not
    moved_url: str | None
    settings: Source
    #: ``file:line``
    place: str
    position: int
    is_configured: bool


def match_sources(
    configured: Sequence[Source], stored: Iterable[StoredSource]
) -> tuple[StoredSource | None, ...]:
    """Return for each configured source the stored one it continues, None if it is new.

    An equal id decides before an equal URL, that before the URL a source moved to, that
    before an equal name; sources in force before removed ones. No row is given twice.
    """
    # removed ones first, so that those in force overwrite them in the look-up
    rows = sorted(stored, key=lambda row: (row.is_configured, -row.id))
    found: list[StoredSource | None] = [None] * len(configured)
    taken: set[int] = set()
    for key_of_source, key_of_row in _RULES:
        known = {key: row for row in rows if row.id not in taken and (key := key_of_row(row))}
        for index, source in enumerate(configured):
            key = key_of_source(source)
            row = known.get(key) if key and not found[index] else None
            if row and row.id not in taken:
                found[index] = row
                taken.add(row.id)
    return tuple(found)


_RULES: tuple[tuple[Callable[[Source], str | None], Callable[[StoredSource], str | None]], ...] = (
    (lambda source: source.id, lambda row: row.handle),
    (lambda source: source.url, lambda row: row.url),
    (lambda source: source.url, lambda row: row.moved_url),
    (lambda source: source.name, lambda row: row.name),
)
