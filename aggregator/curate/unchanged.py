"""Entries that were recognised by their bytes and not read: how the gate sees them, and what is kept.

A ParsedFeed and what the store knows flow in; what the store is asked, whether all was found, and
what the next reading needs flow out. An unread entry is never news: where its article is missing,
the document must be read again as a whole. A document that holds what the last one held, all of it
stored as it stands there, is settled: its articles need not be looked up.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from hashlib import blake2b

from aggregator.curate.sort_dates import claimed_date
from aggregator.curate.withdrawn import is_taken_back
from aggregator.model import Admission, DocumentTrace, Entry, Known, ParsedFeed, TracedEntry
from aggregator.model.reading import SPOKEN_DATES


def asked_entries(parsed: ParsedFeed) -> tuple[Entry, ...]:
    """Return what the store is asked for besides unread keys: entries, and those deleted as their keys."""
    return (*parsed.entries, *parsed.older, *(Entry(key=key) for key in parsed.withdrawn))


def count_listed(parsed: ParsedFeed) -> int:
    """Return how many entries the document has, read or not."""
    return len(parsed.entries) + len(parsed.unchanged)


def seen_unread(known: Known) -> list[int]:
    """Return the ids of the articles whose entries were not read: their bytes are those last judged."""
    return [article.id for article in known.unread.values() if not is_taken_back(article)]


def is_all_known(parsed: ParsedFeed, known: Known) -> bool:
    """Tell whether every unread entry is a stored article, or one that expired."""
    return known.is_settled or all(
        key in known.tombstones or (key in known.unread and not is_taken_back(known.unread[key]))
        for key in parsed.unchanged
    )


def kept_keys(parsed: ParsedFeed, known: Known, admissions: Sequence[Admission]) -> frozenset[str]:
    """Return the keys of the entries that are stored as the document has them, or expired.

    An entry that did not become what is stored, an edit that was refused, say, is not among them.
    """
    if known.is_settled:
        return frozenset(row.key for row in _listed(parsed))
    taken = {one.entry.key: one.entry.digest for one in admissions}
    for key, article in known.articles.items():
        taken.setdefault(key, article.digest)
    unread = set(parsed.unchanged)
    return frozenset(
        row.key
        for row in _listed(parsed)
        if row.key in known.tombstones or row.key in unread or taken.get(row.key) == row.digest
    )


def next_trace(parsed: ParsedFeed, kept: Collection[str]) -> DocumentTrace | None:
    """Return by what the next reading may know the entries; None where nothing is to be kept.

    Args:
        kept: keys of entries that need not be read again.
    """
    if parsed.trace is None:
        # what has pages is known again at least by its keys
        rows = (TracedEntry(entry.key, entry.digest, "") for entry in parsed.entries)
        return DocumentTrace("", tuple(rows)) if parsed.older_url else None
    rows = (row if row.key in kept else replace(row, raw="") for row in parsed.trace.entries)
    return replace(parsed.trace, entries=tuple(rows))


def asked_hash(parsed: ParsedFeed) -> str:
    """Return the content_hash() of a document that may be settled; "" where an entry's date may be corrected.

    The bytes of an entry that was read, though its document has a trace, are other than they were.
    """
    return "" if parsed.trace and parsed.entries else content_hash(parsed)


def content_hash(parsed: ParsedFeed) -> str:
    """Return a hash of the keys and digests of all entries, in whatever order; "" for one never settled.

    Of entries that are read every time the dates count, too, unless they may be words. A document without
    entries, one that takes articles back and one that is complete (RFC 5005 §2), whose silence does, are
    never settled.
    """
    if parsed.trace is None and parsed.format not in SPOKEN_DATES:
        rows = sorted(f"{entry.key} {entry.digest} {claimed_date(entry)}" for entry in parsed.entries)
    else:
        rows = sorted(f"{row.key} {row.digest}" for row in _listed(parsed))
    if not rows or parsed.withdrawn or parsed.info.is_complete:
        return ""
    return blake2b(repr(rows).encode("utf-8", "replace"), digest_size=16).hexdigest()


def settled_hash(parsed: ParsedFeed, kept: Collection[str]) -> str:
    """Return the content_hash() of a document whose entries are all *kept*; "" of any other."""
    return content_hash(parsed) if all(row.key in kept for row in _listed(parsed)) else ""


def _listed(parsed: ParsedFeed) -> Sequence[TracedEntry | Entry]:
    """The entries of the document, read or not; the trace of one that has unread entries names all."""
    return parsed.entries if parsed.trace is None else parsed.trace.entries
