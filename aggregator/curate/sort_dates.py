"""The date an article is sorted by, fixed at first sight: entries and "now" flow in, dates flow out.

The publisher's claim counts, but never later than first seen: a future date cannot stick on
top. Undated entries are sorted by when they were seen; those of a first import stand behind
everything dated, since nobody knows how old they are. So do entries whose dates were all stamped
at one moment, just now: a server that stamps at every fetch says nothing about their age.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.model import Entry

#: how far undated entries of a first import stand apart
STEP_BEHIND = timedelta(days=1)
#: how far undated entries of one later poll stand apart, to keep the document's order
STEP = timedelta(seconds=1)
#: dates of a first import that all lie so near to now were stamped by the fetch (clocks differ) ...
STAMPED = timedelta(minutes=5)
#: ... if they lie so near together, too
TOGETHER = timedelta(seconds=2)
#: entries that make such a pattern
MIN_STAMPED = 3


def claimed_date(entry: Entry) -> datetime | None:
    """Return when the publisher says the entry appeared, None when it does not say."""
    return entry.published or entry.updated


def sort_dates(
    entries: Sequence[Entry], now: datetime, *, is_first_import: bool, drift: bool = True
) -> list[datetime]:
    """Return the sort date of each of these new entries; none is later than *now*.

    Args:
        entries: in document order, which is taken as newest first where dates are missing.
        now: when they were first seen.
        drift: take dates stamped by the fetch for no dates.
    """
    claims = [min(claim, now) if (claim := claimed_date(entry)) else None for entry in entries]
    if drift and is_first_import and are_stamped(entries, now):
        claims = [None] * len(entries)
    dated = [claim for claim in claims if claim]
    step = STEP_BEHIND if is_first_import else STEP
    behind = min(dated, default=now) if is_first_import else now + step
    dates = []
    for claim in claims:
        if claim is None:
            behind = _earlier(behind, step)
        dates.append(claim or behind)
    return dates


def are_stamped(entries: Sequence[Entry], now: datetime) -> bool:
    """Tell whether the claimed dates look as if the server stamped them when we asked."""
    claims = [claim for entry in entries if (claim := claimed_date(entry))]
    if len(claims) < MIN_STAMPED or max(claims) - min(claims) > TOGETHER:
        return False
    return all(abs(now - claim) <= STAMPED for claim in claims)


def _earlier(moment: datetime, step: timedelta) -> datetime:
    try:
        return moment - step
    except OverflowError:
        return moment
