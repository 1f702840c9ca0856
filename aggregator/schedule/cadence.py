"""The cadence: what is known of a source flows in, the time of its next poll flows out.

Requests are scarce, so each should save as much waiting as it can. One *price* says for all sources
what a request is worth in waiting; ``lookahead`` then finds the polls of the next day and a half
that cost least, and the first of them is the answer. How much the waiting of one entry counts falls with
the square root of the source's rate: if every entry counted alike, slow sources would starve; if
every source counted alike, busy ones would. Raising the price makes every source be asked less.

Manners come first: never nearer than the floor, nor than the publisher wishes; and no wait longer
than a day, save for sources silent for years. Where the document is short for what may come, the
wait ends before half of it can be new, and sooner after every gap. Pure: the clock is an argument.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, sqrt

from aggregator.model import Hints
from aggregator.schedule.lookahead import HORIZON, Course, Outlook, cheapest_cut, outlook_of, steady_wait
from aggregator.schedule.rhythm import Rhythm, dump_rhythm, learn, load_rhythm
from aggregator.schedule.week import DAY_S, QUARTER_S, place_in_week
from aggregator.schedule.wishes import after_skipped, document_wishes, server_wishes

__all__ = ["Limits", "Rhythm", "dump_rhythm", "learn", "load_rhythm", "next_poll", "price_for"]

#: entries that a document is taken to hold at least, while nothing was lost
SHORTEST_WINDOW = 10
#: silence after which a source is taken for dead: asked once a day, after ten years once a week
DEAD_AFTER_S = 4 * 365 * DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of our own choice; all in seconds."""

    #: never nearer to the last request than this
    floor_s: float = 3600.0
    #: the longest wait, while the source lives
    longest_s: float = DAY_S
    #: the longest wait for a source silent for years
    dead_s: float = 7 * DAY_S
    #: what a request is worth: so much waiting of the entry of a source that brings one a day;
    #: the default spends about eight requests a source and day
    price: float = 80.0


def next_poll(
    now: datetime, rhythm: Rhythm, last_poll: datetime | None, hints: Hints, limits: Limits
) -> datetime:
    """Return when to ask this source again; always later than *now*.

    Server wishes win over our cadence: Retry-After (RFC 9110 §10.2.3) and the freshness lifetime
    (RFC 9111 §4.2) are waited for, up to two days and one; so are the document's ttl and update
    period, and the hours and days that it asks to skip. A feed that has ended is asked once a month.

    Args:
        rhythm: what learn() made of the times seen so far; may be empty.
        last_poll: when the last request ended; None if never polled: then it is due at once.
        hints: durations in seconds, as received with the last answer; may be negative.
    """
    soonest = now + timedelta(seconds=1)
    if last_poll is None:
        return soonest
    wished = [wish.wait_s for wish in (*server_wishes(hints), *document_wishes(hints, last_poll))]
    earliest_s = max(limits.floor_s, (now - last_poll).total_seconds(), *wished)
    wait_s = max(_wait_s(now, rhythm, last_poll, earliest_s, limits), earliest_s)
    return after_skipped(max(last_poll + timedelta(seconds=wait_s), soonest), hints)


def price_for(rates: Sequence[float], requests_per_hour: float, limits: Limits) -> float:
    """Return the price at which sources with these *rates* stay within a budget of requests.

    Every source is taken to be polled at the interval that its rate (entries a day) and the price
    make best, within *limits*. Their own price is the least ever returned: a budget only saves. If
    even the longest waits break the budget, the price is one at which all wait longest.
    """
    low, high = limits.price, limits.price * 1e9
    if _requests_an_hour(rates, low, limits) <= requests_per_hour:
        return low
    for _ in range(60):
        middle = (low * high) ** 0.5
        if _requests_an_hour(rates, middle, limits) <= requests_per_hour:
            high = middle
        else:
            low = middle
    return high


def _wait_s(now: datetime, rhythm: Rhythm, last_poll: datetime, earliest_s: float, limits: Limits) -> float:
    """Return the wait, from the last poll on, that costs least."""
    if rhythm.newest and (silence_s := (now - rhythm.newest).total_seconds()) > DEAD_AFTER_S:
        return min(max((silence_s / DEAD_AFTER_S) ** 2 * DAY_S, limits.longest_s), limits.dead_s)
    place = place_in_week(last_poll)
    start, rate = int(place), rhythm.per_day(now)
    first = ceil(place + earliest_s / QUARTER_S) - start
    last = min(int(place + limits.longest_s / QUARTER_S) - start, HORIZON)
    if last <= first:
        return (start + first - place) * QUARTER_S
    outlook = outlook_of(rhythm.quarters, rhythm.odds, start)
    last = _last_safe_cut(rhythm, outlook, place - start, rate, last)
    if last < first:
        return earliest_s  # the document may overflow before the next cut
    course = Course(
        price=limits.price / QUARTER_S / (7 * rate * _weight(rate)),
        floor=max(1, ceil(limits.floor_s / QUARTER_S)),
    )
    return (start + cheapest_cut(outlook, place - start, first, last, course) - place) * QUARTER_S


def _weight(rate: float) -> float:
    """Return how much the waiting of one entry counts in a source with *rate* entries a day."""
    return 1 / sqrt(rate)


def _last_safe_cut(rhythm: Rhythm, outlook: Outlook, since: float, rate: float, last: int) -> int:
    """Return the last cut, at most *last*, before more than a share of the document may be new."""
    if not rhythm.window:
        return last
    # a short document may just be a young one: it is short once something was lost
    window = rhythm.window if rhythm.gaps else max(rhythm.window, SHORTEST_WINDOW)
    begun = since * outlook.mass[1]
    room = window * rhythm.room / (7 * rate)
    return bisect_right(outlook.mass, begun + room, 0, last + 1) - 1


def _requests_an_hour(rates: Sequence[float], price: float, limits: Limits) -> float:
    intervals = (DAY_S * steady_wait(rate * _weight(rate), price / DAY_S) for rate in rates)
    return sum(3600 / min(max(wait, limits.floor_s), limits.longest_s) for wait in intervals)
