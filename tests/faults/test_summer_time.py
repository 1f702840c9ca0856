"""The nights in which summer time begins and ends: every issue and letter once, no storm of polls."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.faults.clock import Clock
from tests.faults.conftest import ROUNDS, long_only
from tests.faults.station import SOURCES, Station
from tests.mailserver import mail_server
from tests.running import Running, wait_until

#: what comes at half past one, a time that one of the nights has twice and the other not at all
EXTRA = """
mail: {{host: 127.0.0.1, port: {port}, security: none, from: 'Faults <paper@paper.example>'}}
newsletters:
  nightly: {{title: Nightly, feed: all, schedule: '30 1 * * *', recipients: [ann@a.example]}}
feeds:
  night: {{digest: daily at 01:30}}
"""
#: the last midnights (UTC) before the clocks change
AUTUMN, SPRING = datetime(2027, 10, 31, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)
STEP = timedelta(minutes=15 if ROUNDS else 120)


@pytest.mark.parametrize(
    "night", [pytest.param(AUTUMN, id="back"), pytest.param(SPRING, id="forward", marks=long_only)]
)
@pytest.mark.timeout(600)
def test_the_night_of_the_change_brings_one_issue_and_one_letter(
    station: Station, clock: Clock, night: datetime
) -> None:
    with mail_server() as box:
        text = station.config.read_text("utf-8").replace("every: 1s", "every: 5m")
        station.config.write_text(text.replace("\nfeeds:\n", EXTRA.format(port=box.port)), "utf-8")
        # the nights before and after are ordinary ones
        at, end = night - timedelta(hours=2), night + timedelta(hours=27)
        station.date_of = lambda _: at
        clock.show(at)
        with station.running() as program:
            station.settle(program)
            before, steps = len(station.origin.requests), 0
            while at < end:
                # the hours of the change one by one, the day after in one leap
                at += STEP if at < night + timedelta(hours=3) else timedelta(hours=7)
                steps += 1
                clock.show(at)
                late = {station.append(source) for source in range(SOURCES)}
                wait_until(lambda late=late: late <= station.look(program.get("/feeds/all.atom")[2]),
                           what=f"news at {at}")  # fmt: skip
            polls = len(station.origin.requests) - before
            wait_until(lambda: len(issues(program)) >= 2, what="the issue of the night after")
            wait_until(lambda: len(box.to("ann@a.example")) >= 2, what="the letter of the night after")
            station.settle(program)
            days = [
                (issue["date_published"][:10], len(issue["content_html"]) > 100) for issue in issues(program)
            ]
        letters = [parsedate_to_datetime(letter["Date"]).date() for letter in box.to("ann@a.example")]
    nights = [night.date(), night.date() + timedelta(days=1)]
    assert days == [(str(day), True) for day in reversed(nights)]
    assert letters == nights
    assert polls <= (steps + 1) * SOURCES
    station.judge()
    assert not station.surprises()


def issues(program: Running) -> list[dict[str, str]]:
    """Return the issues of the night feed, the newest first."""
    found: list[dict[str, str]] = json.loads(program.get("/feeds/night.json")[2])["items"]
    return found
