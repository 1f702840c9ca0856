"""Wishes: the hints of a server and a document flow in, bounded waits with their reasons flow out.

Hints are kept as received and may be negative or absurd; here they become durations we are willing
to honour. Wishes only ever lengthen a wait; nothing here makes a poll earlier.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite

from aggregator.model import Hints
from aggregator.schedule.words import in_words

#: no freshness, ttl or update period keeps us away for longer
LONGEST_FRESH_S = 86400.0
#: a feed that has ended is asked once in so long
ENDED_S = 30 * 86400.0
#: no Retry-After keeps us away for longer
LONGEST_RETRY_AFTER_S = 2 * 86400.0
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants us to wait: how long from now, and the sentence that says so."""

    wait_s: float
    why: str


def bounded(seconds: float | None, longest_s: float) -> float:
    """Return *seconds* within [0, *longest_s*]; 0 for None and for nonsense."""
    if seconds is None or not isfinite(seconds):
        return 0.0
    return min(max(seconds, 0.0), longest_s)


def server_wishes(hints: Hints) -> Iterator[Wish]:
    """Yield what the answer's header fields ask for; these bind every poll.

    Retry-After (RFC 9110 §10.2.3) and the freshness lifetime (RFC 9111 §4.2).
    """
    if wait := bounded(hints.retry_after_s, LONGEST_RETRY_AFTER_S):
        yield Wish(wait, f"the server asked us to wait {in_words(wait)} (Retry-After)")
    if wait := bounded(hints.fresh_s, LONGEST_FRESH_S):
        yield Wish(wait, f"fresh for another {in_words(wait)} (max-age)")


def document_wishes(hints: Hints, asked: datetime) -> Iterator[Wish]:
    """Yield what the document itself asks for: RSS ttl, the update period, and to be left alone.

    Args:
        asked: when the document was asked for; waits count from then.
    """
    if hints.is_ended:
        yield Wish(ENDED_S, "its publisher says that nothing more will come: asked once a month in case")
    if wait := bounded(hints.ttl_s, LONGEST_FRESH_S):
        yield Wish(wait, f"the feed asks for {in_words(wait)} between polls (ttl)")
    if wait := bounded(_until_updated(hints, asked), LONGEST_FRESH_S):
        every = in_words(hints.period_s or 0)
        yield Wish(wait, f"the feed is updated once in {every} (updatePeriod): waiting {in_words(wait)}")


def _until_updated(hints: Hints, asked: datetime) -> float | None:
    """Return the seconds to the next update: a period, or what is left of one that counts from a base."""
    period, base = hints.period_s, hints.period_base_s
    if period is None or base is None or not (isfinite(period) and isfinite(base) and period > 0):
        return period
    return period - (asked.timestamp() - base) % period


def after_skipped(at: datetime, hints: Hints) -> datetime:
    """Return *at*, or the first full hour after it that the document does not ask us to skip.

    skipHours and skipDays count in GMT (RSS 2.0). A document that skips every hour or every day
    says nothing, and is ignored in that.
    """
    hours = hints.skip_hours & set(range(24))
    days = hints.skip_days & set(range(7))
    hours = hours if len(hours) < 24 else frozenset()
    days = days if len(days) < 7 else frozenset()
    moved = at.astimezone(UTC)
    while moved.hour in hours or moved.weekday() in days:
        moved = moved.replace(minute=0, second=0, microsecond=0) + _HOUR
    return moved
