"""Polling beside a hub: once a day while it delivers, as planned otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Claim, NextPoll, Source
from aggregator.schedule.pushed import after_push, beside_push

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLANNED = NextPoll(NOW + HOUR, "every hour")


def claim(every_s: int | None = None, **fields: object) -> Claim:
    values = {"pushed_until": NOW + 100 * HOUR, "due_at": NOW + HOUR, "last_poll": NOW - 2 * HOUR}
    source = Source(url="https://herald.example/", every_s=every_s)
    return Claim(
        source_id=1,
        slug="herald",
        source=source,
        token="t",
        until=NOW,
        url=source.url,
        **{**values, **fields},  # type: ignore[arg-type]
    )


def test_a_source_that_is_pushed_is_polled_once_a_day() -> None:
    assert beside_push(claim(), PLANNED, NOW).at == NOW + 24 * HOUR
    assert after_push(claim(), NOW).at == NOW + 22 * HOUR


def test_pushes_never_put_the_daily_poll_off() -> None:
    one = claim(due_at=NOW + HOUR, last_poll=NOW - 23 * HOUR)
    assert after_push(one, NOW).at == NOW + HOUR


def test_the_end_of_the_lease_comes_before_the_day() -> None:
    ends = claim(pushed_until=NOW + 5 * HOUR)
    assert beside_push(ends, PLANNED, NOW).at == NOW + 5 * HOUR
    assert after_push(ends, NOW).at == NOW + 5 * HOUR


def test_a_plan_that_is_later_anyway_stays() -> None:
    rare = NextPoll(NOW + 48 * HOUR, "about one in 9 d")
    assert beside_push(claim(), rare, NOW) == rare
    assert after_push(claim(due_at=NOW + 48 * HOUR), NOW).at == NOW + 48 * HOUR


@pytest.mark.parametrize("one", [claim(pushed_until=None), claim(pushed_until=NOW), claim(every_s=3600)])
def test_nothing_changes_where_nobody_pushes_or_the_interval_is_written(one: Claim) -> None:
    assert beside_push(one, PLANNED, NOW) == PLANNED
    assert after_push(one, NOW).at == one.due_at


def test_a_source_that_fails_is_tried_as_planned() -> None:
    assert after_push(claim(failures=2), NOW).at == NOW + HOUR
