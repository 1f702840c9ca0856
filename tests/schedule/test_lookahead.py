"""The plan for the coming hours, against the plain definition of its cost."""

import random
from itertools import pairwise

import pytest

from aggregator.schedule.lookahead import HORIZON, Course, cheapest_cut, steady_wait
from aggregator.schedule.rhythm import FLAT, Outlook, outlook_of
from aggregator.schedule.views import EVEN
from aggregator.schedule.week import QUARTERS


def plainly(outlook: Outlook, start: int, first: int, last: int, course: Course) -> dict[int, float]:
    """Return what each first cut costs, by comparing every pair of polls."""
    mass = [course.weight * (m - outlook.mass[start]) for m in outlook.mass[start : start + HORIZON + 1]]
    chances = [later - sooner for sooner, later in pairwise(mass)]
    moment = [course.weight * (m - outlook.moment[start]) for m in outlook.moment[start:]]
    centres = [
        (moment[k + 1] - moment[k]) / chance - start if chance else k + 0.5
        for k, chance in enumerate(chances)
    ]
    rest = 2 * course.price / steady_wait(mass[-1] / HORIZON, course.price)

    def waiting(i: int, j: int) -> float:
        return sum(chances[k] * (j - centres[k]) for k in range(i, j))

    go = {}
    for i in range(HORIZON, first - 1, -1):
        later = (waiting(i, j) + course.price + go[j] for j in range(i + course.floor, HORIZON + 1))
        go[i] = min(rest * (HORIZON - i), *later, float("inf"))
    return {cut: waiting(0, cut) + go[cut] for cut in range(first, last + 1)}


@pytest.mark.parametrize("seed", range(4))
def test_the_envelope_finds_what_comparing_every_pair_finds(seed):
    draw = random.Random(seed)
    quarters = [0.0] * QUARTERS
    for _ in range(40):
        quarters[draw.randrange(QUARTERS)] += draw.random()
    outlook = outlook_of(quarters, EVEN)
    start = draw.randrange(QUARTERS)
    course = Course(weight=draw.uniform(5, 200), price=draw.choice((0.05, 0.5, 2.0)), floor=4)
    costs = plainly(outlook, start, 4, 96, course)
    found = cheapest_cut(outlook, float(start), 4, 96, course)
    assert costs[found] == pytest.approx(min(costs.values()), rel=1e-6)


def test_on_a_flat_outlook_the_best_wait_is_the_steady_one():
    course = Course(weight=70.0, price=3.0, floor=4)
    steady = steady_wait(70.0 / QUARTERS, 3.0)
    assert abs(cheapest_cut(FLAT, 0.0, 4, 96, course) - steady) <= 3
