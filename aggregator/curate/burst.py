"""A sudden flood goes out over a day: the new articles of one poll flow in, some come back held.

A burst is more than 30 new articles in one poll and more than 20 times what is usual for the
source, be it per poll or for the time that passed. Its newest 10 go out at once, the others
one after the other within 24 hours, newest first. A source we hardly know (fewer than
three polls that brought anything) has no habit yet: only what was a day old when the document before
was read, and did not stand in it, counts as a burst then (a first document was not whole).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Admission, ArticleState, Known

MANY = 30
TIMES_USUAL = 20
AT_ONCE = 10
OVER = timedelta(hours=24)
OLD = timedelta(days=1)
#: polls that make a habit
MIN_POLLS = 3


def usual_arrivals(known: Known, now: datetime) -> float | None:
    """Return how many new articles this poll may bring, by habit; None when there is none yet."""
    counts = [count for _, count in known.arrivals]
    if len(counts) < MIN_POLLS:
        return None
    per_poll = sum(counts) / len(counts)
    span = (now - min(when for when, _ in known.arrivals)).total_seconds()
    waited = (now - (known.document_at or now)).total_seconds()
    # after a long pause the habit of the time that passed counts, not of one poll
    return max(per_poll, sum(counts) * waited / span if span > 0 else 0)


def spread_burst(new: Sequence[Admission], known: Known, now: datetime) -> list[Admission]:
    """Return the new articles of one poll, most of them held if they are a burst."""
    out = [index for index, admission in enumerate(new) if admission.state is ArticleState.OUT]
    usual = usual_arrivals(known, now)
    if usual is None:
        return _spread(new, _old(new, out, known), "old entries that came at once", now)
    if len(out) <= TIMES_USUAL * usual:
        return list(new)
    return _spread(new, out, f"new entries in one poll, about {usual:.0f} are usual", now)


def _old(new: Sequence[Admission], out: Sequence[int], known: Known) -> list[int]:
    """The new articles that were old when the document before was read, which did not hold them."""
    if known.document_at is None:
        return []
    then = known.document_at - OLD
    return [index for index in out if new[index].sort_date < then]


def _spread(new: Sequence[Admission], out: Sequence[int], what: str, now: datetime) -> list[Admission]:
    if len(out) <= MANY:
        return list(new)
    late = sorted(out, key=lambda index: new[index].sort_date, reverse=True)[AT_ONCE:]
    reason = f"one of {len(out)} {what}"
    spread = list(new)
    for place, index in enumerate(late, start=1):
        spread[index] = replace(
            new[index],
            state=ArticleState.HELD,
            reason=reason,
            release_at=now + OVER * (place / len(late)),
        )
    return spread
