"""Schedules as cron writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.config.cron import last_time, parse_cron

LONDON = ZoneInfo("Europe/London")
#: Wednesday
NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 7 * * *", "2026-07-15T06:00"),
        ("0 13 * * *", "2026-07-15T12:00"),
        ("30 13 * * *", "2026-07-14T12:30"),
        ("*/15 * * * *", "2026-07-15T12:00"),
        ("5/20 8-10 * * *", "2026-07-15T09:45"),
        ("0 7 * * sun", "2026-07-12T06:00"),
        ("0 7 * * 7", "2026-07-12T06:00"),
        ("0 7 * * mon-fri", "2026-07-15T06:00"),
        ("0 7 1 * *", "2026-07-01T06:00"),
        ("0 7 1 jan *", "2026-01-01T07:00"),
        ("0 7 1 * tue", "2026-07-14T06:00"),
        ("0 7 29 2 *", "2024-02-29T07:00"),
        ("0,30 6 * * *", "2026-07-15T05:30"),
    ],
)
def test_the_last_time_of_a_schedule_is_counted_in_the_papers_zone(schedule, expected):
    assert f"{last_time(parse_cron(schedule), NOW, LONDON):%Y-%m-%dT%H:%M}" == expected


def test_the_hour_that_summer_time_leaves_out_still_has_its_edition():
    after = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert f"{last_time(parse_cron('30 1 * * *'), after, LONDON):%d %H:%M}" == "29 01:30"


@pytest.mark.parametrize(
    "schedule", ["", "daily", "0 7 * *", "60 7 * * *", "0 24 * * *", "0 7 0 * *", "0 7 * 13 *", "0 7 * * 8",
                 "a b c d e", "5-1 * * * *", "*/0 * * * *", "0 7 * * * *", "-1 * * * *"]
)  # fmt: skip
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(ValueError, match=r"."):
        parse_cron(schedule)


def test_a_day_that_never_comes_has_no_time():
    assert last_time(parse_cron("0 0 31 2 *"), NOW, LONDON) is None
