"""The plan for the coming hours, against the plain definition of its cost."""

import random
from itertools import pairwise

import pytest

from aggregator.schedule.lookahead import HORIZON, Course, Outlook, cheapest_cut, outlook_of, steady_wait
from aggregator.schedule.views import EVEN
from aggregator.schedule.week import QUARTERS


def plainly(outlook: Outlook, first: int, last: int, course: Course) -> dict[int, float]:
    """Return what each first cut costs, by comparing every pair of polls."""
    mass, moment = outlook.mass, outlook.moment
    chances = [later - sooner for sooner, later in pairwise(mass)]
    centres = [
        (moment[k + 1] - moment[k]) / chance if chance else k + 0.5 for k, chance in enumerate(chances)
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
    outlook = outlook_of(quarters, EVEN, draw.randrange(QUARTERS))
    course = Course(price=draw.choice((0.05, 0.5, 2.0)) / draw.uniform(5, 200), floor=4)
    costs = plainly(outlook, 4, 96, course)
    found = cheapest_cut(outlook, 0.0, 4, 96, course)
    assert costs[found] == pytest.approx(min(costs.values()), rel=1e-6)


def test_on_a_flat_outlook_the_best_wait_is_the_steady_one():
    course = Course(price=3.0 / 70.0, floor=4)
    steady = steady_wait(70.0 / QUARTERS, 3.0)
    assert abs(cheapest_cut(outlook_of((), EVEN, 0), 0.0, 4, 96, course) - steady) <= 3
