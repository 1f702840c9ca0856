"""Views: counts per quarter of the week flow in, the chances of each quarter for the next entry flow out.

A view is one way to guess, from past entries, in which quarter hour of a week the next one falls.
Some sources keep to a quarter of the week (a podcast), some to the time of day (a paper), some to
nothing. Nobody has to say which: each view states its chances, Bayes' rule weighs the views by how
well they foretold this source's own entries, and the profile is their weighted mean. With n entries
seen, every view keeps back 1/(n+1) for quarters that only the flat view would expect, so that none
is ever certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import exp, log
from operator import add, mul, sub

from aggregator.schedule.week import QUARTERS, QUARTERS_A_DAY

#: in the order of Views.foretell
VIEWS = (
    "any time",
    "this quarter of the week",
    "about then in the week",
    "this quarter of the day",
    "just about then in the day",
    "about then in the day",
)

#: quarters to either side that "just about then" and "about then" take in: half an hour, an hour and a half
NEAR, ABOUT = 2, 6
#: how the entries of an hour fall into its quarters, as seen in captured feeds; the last holds minute 0 to 2
SHARES = (0.18, 0.22, 0.18, 0.42)
#: entries of its own that outweigh SHARES in a source's shares
SHARES_WEIGH = 4.0
#: how fast old merits of a view fade with each new entry
_FADING = 0.98
#: a view that failed can come back: nothing is more than this much worse than the best (natural logarithm)
_WORST = -30.0

Odds = tuple[float, ...]
#: nothing foretold yet: one view asks for more evidence than the others
EVEN: Odds = tuple(-1.0 if view == "this quarter of the week" else 0.0 for view in VIEWS)


class Views:
    """What each view expects, given weighted counts of entries per quarter of the week."""

    def __init__(self, quarters: Sequence[float]) -> None:
        self._count = count = sum(quarters)
        days = [quarters[k : k + QUARTERS_A_DAY] for k in range(0, QUARTERS, QUARTERS_A_DAY)]
        day = list(map(sum, zip(*days, strict=True)))
        of_hour = [sum(day[k::4]) + SHARES_WEIGH * SHARES[k] for k in range(4)]
        self._kept_back = 1 / (count + 1)
        #: turns a count of the week, or of seven days laid over one another, into a chance
        self._per_week = 1 / (count + 1)
        self._per_day = self._per_week / 7
        #: how much more than its due each quarter of the hour, and each weekday, has
        self._of_hour = [4 * share / (count + SHARES_WEIGH) for share in of_hour]
        self._weekdays = [(sum(of_day) + 1) / (count / 7 + 1) for of_day in days]
        self._week, self._day = quarters, day
        self._day_about = _smoothed(day, ABOUT, 0, QUARTERS_A_DAY)
        self._day_near = _smoothed(day, NEAR, 0, QUARTERS_A_DAY)

    def foretell(self, quarter: int) -> tuple[float, ...]:
        """Return the chance that each view gives to *quarter*."""
        weekday, k = divmod(quarter, QUARTERS_A_DAY)
        of_hour, of_week = self._of_hour[k % 4], self._weekdays[weekday]
        spare = self._kept_back * of_hour / QUARTERS
        (week_about,) = _smoothed(self._week, ABOUT, quarter, 1)
        return (
            of_hour * of_week / QUARTERS,
            self._per_week * self._week[quarter] + spare,
            self._per_week * week_about * of_hour + spare,
            self._per_day * self._day[k] * of_week + spare,
            self._per_day * self._day_near[k] * of_hour * of_week + spare,
            self._per_day * self._day_about[k] * of_hour * of_week + spare,
        )

    def profile(self, odds: Odds, start: int, length: int) -> list[float]:
        """Return the chances of *length* quarters from *start* on, of which those of a week make 1.

        Each is the mean of the views, weighed by *odds*: what foretell() says of every quarter of the
        week, in a fraction of the time.
        """
        flat, week, week_about, day, day_near, day_about = _weights(odds)
        week, week_about = week * self._per_week, week_about * self._per_week
        spare = (1 - flat) * self._kept_back / QUARTERS
        of_hour = self._of_hour * (QUARTERS_A_DAY // 4)
        a_day = [
            share * (flat / QUARTERS + self._per_day * (day_near * near + day_about * about))
            + self._per_day * day * exact
            for share, near, about, exact in zip(
                of_hour, self._day_near, self._day_about, self._day, strict=True
            )
        ]
        # smoothing a week and laying its days over one another comes to the same in either order
        about_then = sum(map(mul, of_hour, self._day_about))
        total = week * self._count + week_about * about_then + spare * QUARTERS
        total += sum(self._weekdays) * sum(a_day)
        days = range(start // QUARTERS_A_DAY, (start + length - 1) // QUARTERS_A_DAY + 1)
        by_day = [self._weekdays[day % 7] * chance for day in days for chance in a_day]
        return [
            (week * exact + share * (week_about * about + spare) + chance) / total
            for exact, about, share, chance in zip(
                _around(self._week, start, length),
                _smoothed(self._week, ABOUT, start, length),
                _around(of_hour, start, length),
                by_day[start % QUARTERS_A_DAY :],
                strict=False,
            )
        ]


def weigh(odds: Odds, views: Views, quarters: Sequence[int]) -> Odds:
    """Return *odds* after entries fell into *quarters*, by Bayes' rule; the best view has 0."""
    for quarter in quarters:
        merits = (log(chance * QUARTERS) for chance in views.foretell(quarter))
        odds = tuple(map(add, (odd * _FADING for odd in odds), merits))
    best = max(odds)
    return tuple(max(odd - best, _WORST) for odd in odds)


def _weights(odds: Odds) -> list[float]:
    weights = [exp(odd) for odd in odds]
    total = sum(weights)
    return [weight / total for weight in weights]


def _smoothed(values: Sequence[float], reach: int, start: int, length: int) -> list[float]:
    """Return the means of *length* values from *start* on with their *reach* neighbours on either side."""
    width = 2 * reach + 1
    sums = list(accumulate(_around(values, start - reach, length + 2 * reach), initial=0.0))
    return [total / width for total in map(sub, sums[width:], sums)]


def _around(values: Sequence[float], start: int, length: int) -> Sequence[float]:
    """Return *length* values from *start* on, around the circle."""
    start %= len(values)
    found = values[start : start + length]
    while len(found) < length:
        found = [*found, *values[: length - len(found)]]
    return found
