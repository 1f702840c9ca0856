"""When a source is asked again by its rhythm: always polite, mostly just after something new."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.schedule.cadence import FLOOR_S, PRICE, best_wait_s, price_for
from aggregator.schedule.rhythm import Rhythm, learn

NOW = datetime(2026, 3, 4, 10, 17, tzinfo=UTC)
MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def podcast(weeks: int = 12) -> Rhythm:
    """Every Friday at 05:00."""
    newest = datetime(2026, 2, 27, 5, 0, 40, tzinfo=UTC)
    rhythm = learn(Rhythm(), [newest - week * 7 * DAY for week in range(3, weeks)], newest - 20 * DAY)
    for week in (2, 1, 0):
        rhythm = learn(rhythm, [newest - week * 7 * DAY], newest - week * 7 * DAY + 20 * MIN)
    return rhythm


def newsroom(per_day: int = 40, days: int = 20, window: int = 100) -> Rhythm:
    draw = random.Random(4)
    times = [NOW - draw.random() * days * DAY for _ in range(per_day * days)]
    return replace(learn(Rhythm(), times, NOW), window=window)


def wait(rhythm: Rhythm, now: datetime = NOW, earliest_s: float = FLOOR_S, price: float = PRICE) -> timedelta:
    return timedelta(seconds=best_wait_s(now, rhythm, earliest_s, price=price))


@pytest.mark.parametrize("seed", range(40))
def test_a_poll_is_within_the_floor_and_the_longest_wait_whatever_was_learnt(seed):
    draw = random.Random(seed)
    span = draw.choice((1, 30, 900)) * DAY
    times = [NOW - draw.random() * span for _ in range(draw.choice((1, 2, 10, 300)))]
    rhythm = learn(Rhythm(), times, NOW)
    now = NOW + draw.random() * draw.choice((0, 1, 60)) * DAY
    floor_s = draw.choice((300, 3600, 86400))
    found = best_wait_s(now, rhythm, floor_s, floor_s, 10 ** draw.uniform(0, 5))
    assert floor_s <= found <= 86400 + 900


def test_a_weekly_podcast_is_found_within_minutes_and_hardly_asked_otherwise():
    rhythm, now, polls = podcast(), datetime(2026, 3, 3, 12, 0, tzinfo=UTC), []
    while now < datetime(2026, 3, 7, tzinfo=UTC):
        now += wait(rhythm, now, price=2000)
        polls.append(now)
    appears = datetime(2026, 3, 6, 5, 0, 40, tzinfo=UTC)
    assert min(poll - appears for poll in polls if poll >= appears) < 20 * MIN
    assert len(polls) <= 20


def test_a_higher_price_means_fewer_polls_for_every_kind_of_source():
    for rhythm in (Rhythm(), podcast(), newsroom()):
        waits = [wait(rhythm, price=price) for price in (20, 2000, 200000)]
        assert waits == sorted(waits)
        assert waits[0] < waits[2]


def test_a_busy_source_is_asked_more_often_than_a_quiet_one():
    assert wait(newsroom(60), price=600) < wait(newsroom(1, 90), price=600)


def test_a_short_document_is_read_before_half_of_it_can_be_new():
    assert wait(newsroom(window=1000), price=1e6) >= 20 * HOUR
    assert wait(newsroom(window=20), price=1e6) <= 9 * HOUR


def test_a_gap_shortens_the_wait():
    rhythm = newsroom(window=20)
    lossy = learn(rhythm, [NOW] * 20, NOW + MIN)
    assert wait(lossy, NOW + MIN, price=1e6) < wait(rhythm, price=1e6)


def test_a_source_silent_for_years_is_asked_once_in_days():
    rhythm = learn(Rhythm(), [NOW - DAY * n for n in range(20)], NOW)
    assert wait(rhythm, NOW + 1500 * DAY) >= DAY
    assert wait(rhythm, NOW + 9000 * DAY) == 7 * DAY


def test_no_wait_is_shorter_than_its_earliest_end():
    busy = newsroom()
    assert wait(busy) < 3 * HOUR
    assert wait(busy, earliest_s=6 * 3600) >= 6 * HOUR
    assert wait(busy, earliest_s=30 * 3600) >= 30 * HOUR


def test_a_budget_raises_the_price_only_as_far_as_needed():
    rates = [0.1] * 50 + [5.0] * 30 + [40.0] * 20
    free = PRICE
    assert price_for(rates, 1e6) == free
    some, few = price_for(rates, 40), price_for(rates, 15)
    assert free < some < few
    assert price_for([], 10) == free


def test_a_step_of_the_price_is_a_step_of_the_wait():
    steps = [80.0 * 4**step for step in range(4)]
    for rate in (0.5, 4.0, 30.0):
        draw = random.Random(rate)
        times = [NOW - draw.random() * 60 * DAY for _ in range(int(60 * rate))]
        rhythm = learn(Rhythm(), times, NOW, window=100)
        waits = [best_wait_s(NOW, rhythm, FLOOR_S, price=price) for price in steps]
        assert waits == sorted(waits)
        assert waits[0] < waits[-1]
        assert max(waits) <= 24 * 3600


def test_a_budget_is_kept_at_the_price_it_makes():
    rates = [0.1] * 50 + [5.0] * 30 + [40.0] * 20
    for per_hour in (90, 40, 15):
        price = price_for(rates, per_hour)
        # the interval at which waiting and price of an ever regular source are equal
        waits = [86400 * (2 * price / 86400 / rate**0.5) ** 0.5 for rate in rates]
        asked = sum(3600 / min(max(wait, 3600), 86400) for wait in waits)
        assert asked <= per_hour * 1.001
        assert price == PRICE or asked > per_hour * 0.9


def test_a_plan_costs_less_than_half_a_millisecond():
    rhythms, spent = [Rhythm(), podcast(), newsroom()], []
    for rhythm in rhythms * 20:
        started = time.process_time()
        best_wait_s(NOW, rhythm, FLOOR_S)
        spent.append(time.process_time() - started)
    assert sorted(spent)[len(spent) // 2] < 0.0005
