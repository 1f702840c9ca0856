"""The cadence: what is known of a source flows in, the wait for its next poll flows out.

Requests are scarce, so each should save as much waiting as it can. One *price* says for all sources
what a request is worth in waiting; ``lookahead`` then finds the polls of the next day and a half
that cost least, and the first of them is the answer. How much the waiting of one entry counts falls with
the square root of the source's rate: if every entry counted alike, slow sources would starve; if
every source counted alike, busy ones would. Raising the price makes every source be asked less.

Manners come first: a wait is never shorter than its caller says; and none of our choice is longer
than a day, save for sources silent for years. Where the document is short for what may come, the
wait ends before half of it can be new, and sooner after every gap. Pure: the clock is an argument.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from math import ceil, sqrt

from aggregator.schedule.lookahead import HORIZON, Course, Outlook, cheapest_cut, outlook_of, steady_wait
from aggregator.schedule.rhythm import Rhythm
from aggregator.schedule.week import DAY_S, QUARTER_S, place_in_week

#: entries that a document is taken to hold at least, while nothing was lost
SHORTEST_WINDOW = 10
#: silence after which a source is taken for dead: asked once a day, after ten years once a week
DEAD_AFTER_S = 4 * 365 * DAY_S
#: the longest wait of our own choice, while the source lives and when it is dead
LONGEST_S, LONGEST_DEAD_S = DAY_S, 7 * DAY_S


#: the shortest time between two polls of a source that answers conditional requests
FLOOR_S = 3600.0
#: what a request is worth, in seconds: so much waiting of the entry of a source that brings one a day;
#: this spends about eight requests a source and day
PRICE = 80.0


def best_wait_s(
    now: datetime, rhythm: Rhythm, earliest_s: float, floor_s: float = FLOOR_S, price: float = PRICE
) -> float:
    """Return how long to wait from a poll that ended *now*, at least *earliest_s*: what costs least.

    Args:
        rhythm: what learn() made of the times seen so far; may be empty.
        floor_s: the shortest wait between the polls after that.
        price: of a request, see PRICE.
    """
    if rhythm.newest and (silence_s := (now - rhythm.newest).total_seconds()) > DEAD_AFTER_S:
        return max(min((silence_s / DEAD_AFTER_S) ** 2 * LONGEST_S, LONGEST_DEAD_S), earliest_s)
    place = place_in_week(now)
    start, rate = int(place), rhythm.per_day(now)
    first = ceil(place + earliest_s / QUARTER_S) - start
    last = min(int(place + LONGEST_S / QUARTER_S) - start, HORIZON)
    if last <= first:
        return (start + first - place) * QUARTER_S
    outlook = outlook_of(rhythm.quarters, rhythm.odds, start)
    last = _last_safe_cut(rhythm, outlook, place - start, rate, last)
    if last < first:
        return earliest_s  # the document may overflow before the next cut
    course = Course(
        price=price / QUARTER_S / (7 * rate * _weight(rate)), floor=max(1, ceil(floor_s / QUARTER_S))
    )
    return (start + cheapest_cut(outlook, place - start, first, last, course) - place) * QUARTER_S


def price_for(rates: Sequence[float], requests_per_hour: float) -> float:
    """Return the price at which sources with these *rates* stay within a budget of requests.

    Every source is taken to be polled at the interval that its rate (entries a day) and the price
    make best, no nearer than FLOOR_S. PRICE is the least ever returned: a budget only saves. If
    even the longest waits break the budget, the price is one at which all wait longest.
    """
    low, high = PRICE, PRICE * 1e9
    if _requests_an_hour(rates, low) <= requests_per_hour:
        return low
    for _ in range(60):
        middle = (low * high) ** 0.5
        if _requests_an_hour(rates, middle) <= requests_per_hour:
            high = middle
        else:
            low = middle
    return high


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


def _requests_an_hour(rates: Sequence[float], price: float) -> float:
    intervals = (DAY_S * steady_wait(rate * _weight(rate), price / DAY_S) for rate in rates)
    return sum(3600 / min(max(wait, FLOOR_S), LONGEST_S) for wait in intervals)
