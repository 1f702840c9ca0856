"""Entries that were recognised by their bytes and not read: how the gate sees them, and what is kept.

A ParsedFeed and what the store knows flow in; what the store is asked, whether all was found, and
what the next reading needs flow out. An unread entry is never news: where its article is missing,
the document must be read again as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregator.curate.withdrawn import is_taken_back
from aggregator.model import Admission, DocumentTrace, Entry, Known, ParsedFeed


def asked_entries(parsed: ParsedFeed) -> tuple[Entry, ...]:
    """Return what the store is asked for besides unread keys: entries, and those deleted as their keys."""
    return (*parsed.entries, *(Entry(key=key) for key in parsed.withdrawn))


def count_listed(parsed: ParsedFeed) -> int:
    """Return how many entries the document has, read or not."""
    return len(parsed.entries) + len(parsed.unchanged)


def seen_unread(known: Known) -> list[int]:
    """Return the ids of the articles whose entries were not read: their bytes are those last judged."""
    return [article.id for article in known.unread.values() if not is_taken_back(article)]


def is_all_known(parsed: ParsedFeed, known: Known) -> bool:
    """Tell whether every unread entry is a stored article, or one that expired."""
    return all(
        key in known.tombstones or (key in known.unread and not is_taken_back(known.unread[key]))
        for key in parsed.unchanged
    )


def next_trace(parsed: ParsedFeed, known: Known, admissions: Sequence[Admission]) -> DocumentTrace | None:
    """Return by what the next reading may know the entries; None where nothing is to be kept.

    An entry that did not become what is stored, an edit that was refused, say, is read again.
    """
    if parsed.trace is None:
        return None
    taken = {one.entry.key: one.entry.digest for one in admissions}
    for key, article in known.articles.items():
        taken.setdefault(key, article.digest)
    unread = set(parsed.unchanged)
    rows = [
        row
        if row.key in known.tombstones or row.key in unread or taken.get(row.key) == row.digest
        else replace(row, raw="")
        for row in parsed.trace.entries
    ]
    return replace(parsed.trace, entries=tuple(rows))
