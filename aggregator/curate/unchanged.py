"""Entries that were recognised by their bytes and not read: how the gate sees them, and what is kept.

A ParsedFeed and what the store knows flow in; the entries of the whole document flow out, an
unread one as its key and the digest of the article that it became. Such an entry is never
news: where its article is missing, the document must be read again as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregator.curate.withdrawn import is_taken_back
from aggregator.model import Admission, DocumentTrace, Entry, Known, ParsedFeed


def listed_entries(parsed: ParsedFeed) -> tuple[Entry, ...]:
    """Return all entries in document order; of an unread one only key and digest are there."""
    if not parsed.unchanged or parsed.trace is None:
        return parsed.entries
    read = {entry.key: entry for entry in parsed.entries}
    return tuple(read.get(row.key) or Entry(key=row.key, digest=row.digest) for row in parsed.trace.entries)


def asked_entries(parsed: ParsedFeed) -> tuple[Entry, ...]:
    """Return what the store is asked for: all entries, and those that were deleted as their keys."""
    return (*listed_entries(parsed), *(Entry(key=key) for key in parsed.withdrawn))


def known_again(parsed: ParsedFeed, known: Known) -> tuple[Entry, ...]:
    """Return the entries to be judged, in document order: without unread ones that are not stored."""
    unread = set(parsed.unchanged)
    entries = []
    for entry in listed_entries(parsed):
        if entry.key not in unread or entry.key in known.tombstones:
            entries.append(entry)
        elif (article := known.articles.get(entry.key)) and not is_taken_back(article):
            # the bytes are those that this article was last judged by
            entries.append(replace(entry, digest=article.digest))
    return tuple(entries)


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
