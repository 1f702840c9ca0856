"""Looking ahead: an outlook, a rate and a price flow in, the cheapest cut for the next poll flows out.

An entry that waits costs its waiting time; a poll costs the price. The best plan for the coming
hours follows backwards from their end: the cost to go from a poll at cut i is

    go(i) = min over j >= i + floor of  waiting(i, j) + price + go(j),

where waiting(i, j) is the expected sum of the waits of what appears between i and j until it is
found at j. With the running sums *mass* and *moment* of the outlook it is

    waiting(i, j) = j (mass(j) - mass(i)) - (moment(j) - moment(i)),

which, for a given j, is a straight line in mass(i). So the minimum over all j is the lower
envelope of lines, kept as a queue: as i falls the lines come in order of slope and are asked at
falling places, each enters and leaves once, and the whole plan takes one pass instead of a
comparison of every pair (Knuth's speed-up in its "convex hull" form).

At the end of the hours looked at, the rest is charged at the mean cost of an ever regular source.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from aggregator.schedule.rhythm import Outlook
from aggregator.schedule.week import QUARTERS_A_DAY

#: how many cuts ahead a plan looks: a day and a half
HORIZON = QUARTERS_A_DAY * 3 // 2


@dataclass(frozen=True, slots=True)
class Course:
    """What a plan weighs against each other."""

    #: what a wait of one quarter costs per unit of the outlook's mass: the entries of a week, weighed
    weight: float
    #: what a poll costs, in quarters of waiting
    price: float
    #: fewest quarters between two polls
    floor: int


def cheapest_cut(outlook: Outlook, place: float, first: int, last: int, course: Course) -> int:
    """Return the cut in [*first*, *last*] at which the next poll costs least, all told.

    Args:
        place: where in the week the last poll was, in quarters.
        first, last: counted from the cut before *place*; *last* is at most HORIZON.
    """
    start = int(place)
    mass, moment = _from(outlook, start, course.weight)
    lines = _lines(mass, moment, first, course)
    at_poll = (place - start) * mass[1]
    return min(range(first, last + 1), key=lambda cut: lines[cut] - cut * at_poll)


def steady_wait(entries: float, price: float) -> float:
    """Return the interval at which polling a source without a profile costs least.

    The waiting of an interval is entries x interval^2 / 2; together with the price, per time, it is
    least where the two are equal. Units: *entries* per time, weighed; *price* in entries x time.
    """
    return sqrt(2 * price / entries)


def _from(outlook: Outlook, start: int, weight: float) -> tuple[list[float], list[float]]:
    """Return mass and moment of the cuts from *start* on, counted from there and weighed."""
    end = start + HORIZON + 1
    before, moment_before = outlook.mass[start], outlook.moment[start]
    mass = [weight * (total - before) for total in outlook.mass[start:end]]
    moment = [
        weight * (total - moment_before) - start * held
        for total, held in zip(outlook.moment[start:end], mass, strict=True)
    ]
    return mass, moment


def _lines(mass: Sequence[float], moment: Sequence[float], first: int, course: Course) -> list[float]:
    """Return per cut j what a poll there costs at mass 0: j mass(j) - moment(j) + go(j).

    The cost of waiting for it from mass m on is that less j m. Cuts before *first* are left at 0.
    """
    rest = _mean_cost(mass[-1] / HORIZON, course.price)
    lines = [0.0] * (HORIZON + 1)
    envelope: deque[tuple[int, float]] = deque()
    for cut in range(HORIZON, first - 1, -1):
        if cut + course.floor <= HORIZON:
            _enter(envelope, cut + course.floor, lines[cut + course.floor])
        go = rest * (HORIZON - cut)
        if envelope:
            to, line = _lowest(envelope, mass[cut])
            go = min(go, line - to * mass[cut] + moment[cut] + course.price)
        lines[cut] = cut * mass[cut] - moment[cut] + go
    return lines


def _mean_cost(entries: float, price: float) -> float:
    return 2 * price / steady_wait(entries, price) if entries > 0 else 0.0


def _enter(envelope: deque[tuple[int, float]], cut: int, line: float) -> None:
    """Add a line; drop those before it that are nowhere lowest any more."""
    while len(envelope) > 1:
        (earlier, its_line), (latest, latest_line) = envelope[-2], envelope[-1]
        if (line - its_line) * (earlier - latest) > (latest_line - its_line) * (earlier - cut):
            break
        envelope.pop()
    envelope.append((cut, line))


def _lowest(envelope: deque[tuple[int, float]], mass: float) -> tuple[int, float]:
    """Return the line that is lowest at *mass*; no later question is at a greater mass."""
    while len(envelope) > 1:
        (first, first_line), (second, second_line) = envelope[0], envelope[1]
        if first_line - first * mass < second_line - second * mass:
            break
        envelope.popleft()
    return envelope[0]
