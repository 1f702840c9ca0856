"""When issues of time-shaped feeds are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Timed
from aggregator.schedule.issues import due_times, last_times

LONDON = ZoneInfo("Europe/London")
SEVEN = Timed(form="digest", every="day", hour=7)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("timed", "times"),
    [
        (SEVEN, [at(2026, 3, 30, 6), at(2026, 3, 29, 6), at(2026, 3, 28, 7)]),
        (
            Timed(form="digest", every="week", weekday=4, hour=18, minute=30),
            [at(2026, 3, 27, 18, 30), at(2026, 3, 20, 18, 30)],
        ),
        (Timed(form="best", every="month"), [at(2026, 3, 1), at(2026, 2, 1)]),
        (
            Timed(form="digest", every="day", hour=1, minute=30),
            [at(2026, 3, 30, 0, 30), at(2026, 3, 29, 1, 30)],
        ),
    ],
)
def test_times_are_the_wall_clocks(timed: Timed, times: list[datetime]) -> None:
    assert list(islice(last_times(timed, at(2026, 3, 30, 12), LONDON), len(times))) == times


def test_an_issue_is_due_at_its_very_moment() -> None:
    due = at(2026, 3, 30, 6)
    assert next(last_times(SEVEN, due, LONDON)) == due
    assert next(last_times(SEVEN, due - timedelta(microseconds=1), LONDON)) == at(2026, 3, 29, 6)


def test_a_new_feed_begins_with_the_last_issue_that_was_due() -> None:
    assert due_times(SEVEN, None, at(2026, 3, 3, 12), LONDON, 7) == [(at(2026, 3, 2, 7), at(2026, 3, 3, 7))]


def test_what_was_slept_through_is_made_up_for_oldest_first_within_bounds() -> None:
    made = at(2026, 3, 1, 7)
    due = due_times(SEVEN, made, at(2026, 3, 4, 12), LONDON, 7)
    assert [end for _, end in due] == [at(2026, 3, 2, 7), at(2026, 3, 3, 7), at(2026, 3, 4, 7)]
    assert [since for since, _ in due] == [at(2026, 3, 1, 7), at(2026, 3, 2, 7), at(2026, 3, 3, 7)]
    assert len(due_times(SEVEN, made, at(2026, 6, 1), LONDON, 7)) == 7


def test_what_is_made_is_not_due() -> None:
    assert due_times(SEVEN, at(2026, 3, 4, 7), at(2026, 3, 5, 6, 59), LONDON, 7) == []


@given(
    st.integers(0, 5_000_000),
    st.sampled_from(["Europe/London", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca"]),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_each_day_has_one_time_whatever_clocks_do(minutes: int, zone: str, hour: int, minute: int) -> None:
    timed = Timed(form="digest", every="day", hour=hour, minute=minute)
    now = at(2020, 1, 1) + timedelta(minutes=minutes)
    times = list(islice(last_times(timed, now, ZoneInfo(zone)), 10))
    gaps = [later - earlier for later, earlier in pairwise(times)]
    assert all(timedelta(hours=22) <= gap <= timedelta(hours=26) for gap in gaps)
