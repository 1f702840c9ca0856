"""The views that foretell in which quarter hour of the week an entry falls."""

import random
from operator import mul

import pytest

from aggregator.schedule.views import EVEN, VIEWS, Views, weigh
from aggregator.schedule.week import QUARTERS


def counts(*quarters: int) -> list[float]:
    made = [0.0] * QUARTERS
    for quarter in quarters:
        made[quarter] += 1.0
    return made


@pytest.mark.parametrize("seed", range(5))
def test_the_fast_profile_is_the_weighted_mean_of_what_the_views_foretell(seed):
    draw = random.Random(seed)
    views = Views(counts(*(draw.randrange(QUARTERS) for _ in range(draw.randrange(60)))))
    odds = tuple(draw.uniform(-4, 0) for _ in VIEWS)
    weights = [2.718281828459045**odd for odd in odds]
    chances = [sum(map(mul, weights, views.foretell(quarter))) for quarter in range(QUARTERS)]
    start, length = draw.randrange(QUARTERS), draw.choice((1, 144, QUARTERS))
    wanted = [chances[(start + k) % QUARTERS] / sum(chances) for k in range(length)]
    assert views.profile(odds, start, length) == pytest.approx(wanted)


def test_every_view_spreads_about_one_entry_over_the_week():
    draw = random.Random(3)
    views = Views(counts(*(draw.randrange(QUARTERS) for _ in range(200))))
    sums = [sum(column) for column in zip(*(views.foretell(k) for k in range(QUARTERS)), strict=True)]
    assert all(0.8 < total < 1.2 for total in sums), sums


def test_a_source_without_entries_gets_the_usual_shares_of_an_hour():
    profile = Views(counts()).profile(EVEN, 0, QUARTERS)
    assert profile[3] == pytest.approx(0.42 / 168)
    assert sum(profile) == pytest.approx(1)


def test_a_weekly_source_comes_to_be_believed_to_keep_its_quarter_of_the_week():
    odds, seen = EVEN, []
    for _ in range(8):
        odds = weigh(odds, Views(counts(*seen)), [400])
        seen.append(400)
    assert odds[VIEWS.index("this quarter of the week")] == max(odds) == 0
    assert Views(counts(*seen)).profile(odds, 400, 1)[0] > 0.5


def test_a_daily_source_comes_to_be_believed_to_keep_its_time_of_day():
    odds, seen = EVEN, []
    for day in range(20):
        odds = weigh(odds, Views(counts(*seen)), [day % 7 * 96 + 40])
        seen.append(day % 7 * 96 + 40)
    best = VIEWS[max(range(len(VIEWS)), key=lambda view: odds[view])]
    assert best in {"this quarter of the day", "this quarter of the week"}
    assert Views(counts(*seen)).profile(odds, 3 * 96 + 40, 1)[0] > 30 / QUARTERS


def test_no_quarter_is_ever_thought_impossible():
    assert min(Views(counts(*[400] * 50)).profile((0.0,) * 6, 0, QUARTERS)) > 0
