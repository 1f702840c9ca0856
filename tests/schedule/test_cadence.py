"""When a source is asked again by its rhythm: always polite, mostly just after something new."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Hints
from aggregator.schedule.cadence import Limits, Rhythm, learn, next_poll, price_for

NOW = datetime(2026, 3, 4, 10, 17, tzinfo=UTC)
MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NONE = Hints()


def podcast(weeks: int = 12) -> Rhythm:
    """Every Friday at 05:00."""
    newest = datetime(2026, 2, 27, 5, 0, 40, tzinfo=UTC)
    rhythm = learn(None, [newest - week * 7 * DAY for week in range(3, weeks)], newest - 20 * DAY)
    for week in (2, 1, 0):
        rhythm = learn(rhythm, [newest - week * 7 * DAY], newest - week * 7 * DAY + 20 * MIN)
    return rhythm


def newsroom(per_day: int = 40, days: int = 20, window: int = 100) -> Rhythm:
    draw = random.Random(4)
    times = [NOW - draw.random() * days * DAY for _ in range(per_day * days)]
    return replace(learn(None, times, NOW), window=window)


def wait(rhythm: Rhythm, now: datetime = NOW, hints: Hints = NONE, **limits) -> timedelta:
    return next_poll(now, rhythm, now, hints, Limits(**limits)) - now


def test_a_source_never_polled_is_due_at_once_and_yet_later_than_now():
    assert NOW < next_poll(NOW, Rhythm(), None, NONE, Limits()) <= NOW + MIN


@pytest.mark.parametrize("seed", range(40))
def test_a_poll_is_within_the_floor_and_the_longest_wait_whatever_was_learnt(seed):
    draw = random.Random(seed)
    span = draw.choice((1, 30, 900)) * DAY
    times = [NOW - draw.random() * span for _ in range(draw.choice((1, 2, 10, 300)))]
    rhythm = learn(None, times, NOW)
    now = NOW + draw.random() * draw.choice((0, 1, 60)) * DAY
    last = now - draw.random() * draw.choice((0, 1, 30)) * HOUR
    limits = Limits(price=10 ** draw.uniform(0, 5), floor_s=draw.choice((300, 3600, 86400)))
    at = next_poll(now, rhythm, last, NONE, limits)
    assert at > now
    assert at - last >= timedelta(seconds=limits.floor_s)
    assert at - last <= max(timedelta(seconds=86400 + 900), now - last + 15 * MIN)


def test_a_weekly_podcast_is_found_within_minutes_and_hardly_asked_otherwise():
    rhythm, now, polls = podcast(), datetime(2026, 3, 3, 12, 0, tzinfo=UTC), []
    while now < datetime(2026, 3, 7, tzinfo=UTC):
        now = next_poll(now, rhythm, now, NONE, Limits(price=2000))
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
    rhythm = learn(None, [NOW - DAY * n for n in range(20)], NOW)
    assert wait(rhythm, NOW + 1500 * DAY) >= DAY
    assert wait(rhythm, NOW + 9000 * DAY) == 7 * DAY


def test_the_publishers_wishes_win():
    busy = newsroom()
    assert wait(busy) < 3 * HOUR
    assert wait(busy, hints=Hints(fresh_s=6 * 3600)) >= 6 * HOUR
    assert wait(busy, hints=Hints(retry_after_s=30 * 3600)) >= 30 * HOUR
    assert wait(busy, hints=Hints(ttl_s=7 * 3600)) >= 7 * HOUR
    assert wait(busy, hints=Hints(fresh_s=-5, retry_after_s=float("nan"))) == wait(busy)
    skipped = next_poll(NOW, busy, NOW, Hints(skip_hours=frozenset(range(11, 16))), Limits())
    assert skipped == NOW.replace(hour=16, minute=0)


def test_planning_again_later_does_not_forget_the_floor():
    at = next_poll(NOW + 5 * MIN, newsroom(), NOW, NONE, Limits(price=1))
    assert NOW + HOUR <= at <= NOW + HOUR + 15 * MIN


def test_a_budget_raises_the_price_only_as_far_as_needed():
    rates = [0.1] * 50 + [5.0] * 30 + [40.0] * 20
    free = Limits().price
    assert price_for(rates, 1e6, Limits()) == free
    some, few = price_for(rates, 40, Limits()), price_for(rates, 15, Limits())
    assert free < some < few
    assert price_for([], 10, Limits()) == free


def test_a_step_of_the_price_is_a_step_of_the_wait():
    steps = [Limits(price=80.0 * 4**step) for step in range(4)]
    for rate in (0.5, 4.0, 30.0):
        draw = random.Random(rate)
        times = [NOW - draw.random() * 60 * DAY for _ in range(int(60 * rate))]
        rhythm = learn(None, times, NOW, window=100)
        waits = [(next_poll(NOW, rhythm, NOW, NONE, limits) - NOW).total_seconds() for limits in steps]
        assert waits == sorted(waits)
        assert waits[0] < waits[-1]
        assert max(waits) <= 24 * 3600


def test_a_budget_is_kept_at_the_price_it_makes():
    rates = [0.1] * 50 + [5.0] * 30 + [40.0] * 20
    for per_hour in (90, 40, 15):
        price = price_for(rates, per_hour, Limits())
        # the interval at which waiting and price of an ever regular source are equal
        waits = [86400 * (2 * price / 86400 / rate**0.5) ** 0.5 for rate in rates]
        asked = sum(3600 / min(max(wait, 3600), 86400) for wait in waits)
        assert asked <= per_hour * 1.001
        assert price == Limits().price or asked > per_hour * 0.9


def test_a_plan_costs_less_than_half_a_millisecond():
    rhythms, spent = [Rhythm(), podcast(), newsroom()], []
    for rhythm in rhythms * 20:
        started = time.process_time()
        next_poll(NOW, rhythm, NOW, NONE, Limits())
        spent.append(time.process_time() - started)
    assert sorted(spent)[len(spent) // 2] < 0.0005
