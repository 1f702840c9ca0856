"""Moves: where a source is asked, and when a new address of it is believed.

In: rows and finished polls. Out: the URL to ask, and the columns that remember sightings. A
permanent redirect (RFC 9110 §15.4.2, §15.4.9) and a document's own itunes:new-feed-url are believed
only once seen several times over days, because captive portals and mistakes look the same; the
configured URL stays, so that a move can be undone and the person told which line to change.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from aggregator.http.groups import group_of
from aggregator.model import PollResult
from aggregator.store.types import AnyRow

#: a move is believed once seen so often, over so long
SIGHTINGS = 3
LASTING = timedelta(days=2)
#: after so many failures at the new address the configured one is tried, every so many failures
LOST_AFTER = 4
#: what is remembered of moves
COLUMNS = ("moved_url", "host", "sighted_url", "sighted_first", "sighted_last", "sighted_count", "sighted_by")
REDIRECT, DOCUMENT = "redirect", "document"


def asked_url(row: AnyRow) -> str:
    """Return the URL to ask a source at: configured, moved to, or on trial."""
    if row.moved_url and row.failures % LOST_AFTER == LOST_AFTER - 1:
        url: str = row.url
        return url
    if row.sighted_by == DOCUMENT and _is_lasting(row.sighted_count, row.sighted_first, row.sighted_last):
        # what a document says of its new address is tried before it is believed
        return str(row.sighted_url)
    return str(row.moved_url or row.url)


def move(result: PollResult, row: AnyRow, *, is_success: bool) -> dict[str, Any]:
    """Return what a finished poll changes of where its source is asked, by column."""
    asked, kept = result.claim.url, {name: getattr(row, name) for name in COLUMNS}
    if is_success and result.found_at is not None:
        # the configured address is a page: the feed it led to is read already
        return kept | _believed(result.found_at, row)
    is_trial = row.sighted_by == DOCUMENT and asked == row.sighted_url
    if not is_success:
        return kept | _sighting() if is_trial else kept
    if is_trial and result.moved_to is None:
        return kept | _believed(asked, row)
    if asked == row.url != (row.moved_url or row.url):
        # the new address is lost, the configured one answers again
        kept |= _believed(asked, row)
    moved_to, by = result.moved_to, DOCUMENT if result.is_moved_by_document else REDIRECT
    if moved_to is None and result.info is None and row.sighted_by == DOCUMENT:
        # the document was not sent again because it still says what it said
        moved_to, by = row.sighted_url, DOCUMENT
    if moved_to is None or moved_to == asked:
        return kept | _sighting()
    is_again = moved_to == row.sighted_url and by == row.sighted_by
    first = row.sighted_first if is_again else result.at
    count = row.sighted_count + 1 if is_again else 1
    if by == REDIRECT and _is_lasting(count, first, result.at):
        return kept | _believed(moved_to, row)
    return kept | _sighting(moved_to, first, result.at, count, by)


def _is_lasting(count: int, first: datetime | None, last: datetime | None) -> bool:
    return count >= SIGHTINGS and first is not None and last is not None and last - first >= LASTING


def _believed(url: str, row: AnyRow) -> dict[str, Any]:
    return {"moved_url": None if url == row.url else url, "host": group_of(url)} | _sighting()


def _sighting(
    url: str | None = None,
    first: datetime | None = None,
    last: datetime | None = None,
    count: int = 0,
    by: str | None = None,
) -> dict[str, Any]:
    return {
        "sighted_url": url,
        "sighted_first": first,
        "sighted_last": last,
        "sighted_count": count,
        "sighted_by": by,
    }
