"""Looking ahead: an outlook, a rate and a price flow in, the cheapest cut for the next poll flows out.

An entry that waits costs its waiting time; a poll costs the price. The best plan for the coming
hours follows backwards from their end: the cost to go from a poll at cut i is

    go(i) = min over j >= i + floor of  waiting(i, j) + price + go(j),

where waiting(i, j) is the expected sum of the waits of what appears between i and j until it is
found at j. With the running sums *mass* and *moment* of the outlook, both counted from the cut at which
the plan begins, it is

    waiting(i, j) = j (mass(j) - mass(i)) - (moment(j) - moment(i)),

which, for a given j, is a straight line in mass(i). So the minimum over all j is the lower
envelope of lines, kept as a queue: as i falls the lines come in order of slope and are asked at
falling places, each enters and leaves once, and the whole plan takes one pass instead of a
comparison of every pair (Knuth's speed-up in its "convex hull" form).

At the end of the hours looked at, the rest is charged at the mean cost of an ever regular source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from operator import mul

from aggregator.schedule.views import Odds, Views
from aggregator.schedule.week import QUARTERS, QUARTERS_A_DAY

#: how many cuts ahead a plan looks: a day and a half
HORIZON = QUARTERS_A_DAY * 3 // 2


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of a source from a cut of the week on, as two running sums, up to HORIZON later."""

    #: the share of a week's entries before each cut
    mass: list[float]
    #: the sum of their places, in quarters from the first of these cuts
    moment: list[float]


@dataclass(frozen=True, slots=True)
class Course:
    """What a plan weighs against each other."""

    #: what a poll costs, in quarters of waiting of all the entries of a week
    price: float
    #: fewest quarters between two polls
    floor: int


def outlook_of(quarters: Sequence[float], odds: Odds, start: int) -> Outlook:
    """Return what is expected of a source from the cut *start* of the week on.

    Entries lie in the middle of their quarter, but in the one that holds minute 0 to 2 most lie at
    its end.

    Args:
        quarters: its entries by quarter of the week; empty if none.
        odds: how much each view is believed.
    """
    chances = Views(quarters or _NONE).profile(odds, start, HORIZON)
    weighed = map(mul, chances, _CENTRES[start % 4])
    return Outlook(list(accumulate(chances, initial=0.0)), list(accumulate(weighed, initial=0.0)))


_NONE = (0.0,) * QUARTERS
#: the middle of each quarter of an outlook, by where in its hour it begins
_CENTRES = [[k + (0.75 if (hour + k) % 4 == 3 else 0.5) for k in range(HORIZON)] for hour in range(4)]


def cheapest_cut(outlook: Outlook, since: float, first: int, last: int, course: Course) -> int:
    """Return the cut in [*first*, *last*] at which the next poll costs least, all told.

    Args:
        since: how long after the outlook's first cut the last poll was, in quarters, below 1.
        first, last: counted from that cut; *last* is at most HORIZON.
    """
    lines = _lines(outlook, first, course)
    at_poll = since * outlook.mass[1]
    return min(range(first, last + 1), key=lambda cut: lines[cut] - cut * at_poll)


def steady_wait(entries: float, price: float) -> float:
    """Return the interval at which polling a source without a profile costs least.

    The waiting of an interval is entries x interval^2 / 2; together with the price, per time, it is
    least where the two are equal. Units: *entries* per time, weighed; *price* in entries x time.
    """
    return sqrt(2 * price / entries)


def _lines(outlook: Outlook, first: int, course: Course) -> list[float]:
    """Return per cut j what a poll there costs at mass 0: j mass(j) - moment(j) + go(j).

    The cost of waiting for it from mass m on is that less j m. Cuts before *first* are left at 0.
    """
    mass, moment, price = outlook.mass, outlook.moment, course.price
    rest = _mean_cost(mass[-1] / HORIZON, price)
    lines = [0.0] * (HORIZON + 1)
    # the cuts whose lines are lowest somewhere, from *lowest* on: in the order in which they will be
    envelope: list[int] = []
    lowest = 0
    for cut in range(HORIZON, first - 1, -1):
        here, go = mass[cut], rest * (HORIZON - cut)
        if (new := cut + course.floor) <= HORIZON:
            # lines that are nowhere lowest any more leave
            while len(envelope) > lowest + 1:
                sooner, late = envelope[-1], envelope[-2]
                above = lines[late]
                if (lines[new] - above) * (late - sooner) > (lines[sooner] - above) * (late - new):
                    break
                envelope.pop()
            envelope.append(new)
            # no later question is at a greater mass: a line that was passed is not asked again
            cost = lines[envelope[lowest]] - envelope[lowest] * here
            while len(envelope) > lowest + 1:
                next_cost = lines[envelope[lowest + 1]] - envelope[lowest + 1] * here
                if cost < next_cost:
                    break
                cost, lowest = next_cost, lowest + 1
            go = min(go, cost + moment[cut] + price)
        lines[cut] = cut * here - moment[cut] + go
    return lines


def _mean_cost(entries: float, price: float) -> float:
    return 2 * price / steady_wait(entries, price) if entries > 0 else 0.0
