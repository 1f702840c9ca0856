"""When a source is asked, as the store has it after real polls (RFC 9111 §4.2, RFC 9110 §10.2.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from aggregator.model import Budget, Configuration, Source
from aggregator.store.engine import writing
from aggregator.store.sources.claims import claim_due
from tests.origin import Reply, document
from tests.polling.station import DAY, HOUR, MINUTE, NOW, Station, paper, rss, tagged
from tests.store.making import apply

SECOND = timedelta(seconds=1)


def second_wait(station: Station, script: Any, **settings: Any) -> timedelta:
    """Poll twice, a day apart, and return the wait after: the first one is spread out on purpose."""
    station.publish(script)
    station.configure(paper(**settings))
    station.poll()
    station.poll(after=2 * DAY)
    return station.wait()


HEADERS: dict[str, tuple[tuple[tuple[str, str], ...], timedelta]] = {
    "max-age": ((("Cache-Control", "max-age=36000"),), 10 * HOUR),
    "max-age less Age": ((("Cache-Control", "max-age=43200"), ("Age", "7200")), 10 * HOUR),
    "Expires": (
        (("Date", "Mon, 02 Mar 2026 12:00:00 GMT"), ("Expires", "Mon, 02 Mar 2026 22:00:00 GMT")),
        10 * HOUR,
    ),
    "a year of max-age is capped at a day": ((("Cache-Control", "max-age=31536000"),), DAY),
    "no-cache is never faster than the floor": ((("Cache-Control", "no-cache"),), HOUR),
    "max-age=0 neither": ((("Cache-Control", "max-age=0"),), HOUR),
}


@pytest.mark.parametrize("status", [200, 304, 429, 404])
@pytest.mark.parametrize(("headers", "least"), HEADERS.values(), ids=HEADERS.keys())
def test_freshness_is_waited_for_whatever_the_status(
    station: Station, headers: tuple[tuple[str, str], ...], least: timedelta, status: int
) -> None:
    validator = (("ETag", '"1"'),)
    later = Reply(status, (*validator, *headers), rss("b") if status == 200 else b"")
    assert second_wait(station, [Reply(200, validator, rss("a")), later]) >= least


@pytest.mark.parametrize(
    ("etag", "floor"), [('"1"', HOUR), (None, DAY)], ids=["with a validator", "without any"]
)
def test_the_floor(station: Station, etag: str | None, floor: timedelta) -> None:
    assert second_wait(station, document(rss("a"), etag=etag)) >= floor


def test_the_publisher_s_own_freshness_lowers_the_floor_to_five_minutes_and_no_further(
    station: Station,
) -> None:
    busy = rss(*(f"{letter}{n}" for letter in "abcdefghijklmnopqrst" for n in range(5)))
    reply = tagged(busy, Cache_Control="max-age=1")
    assert second_wait(station, [reply, tagged(busy, '"2"', Cache_Control="max-age=1")]) >= 5 * MINUTE


def test_nothing_is_asked_before_its_time_also_after_a_restart(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.configure(paper())
    assert station.tick() == ["paper"]
    due = station.state().next_poll
    assert due is not None
    assert due - station.at >= HOUR
    # everything a worker knows is in the store: a new one is an ordinary claim
    station.configure(paper())
    station.at = due - SECOND
    assert station.tick() == []
    station.at = due
    assert station.tick() == ["paper"]


RETRY = {
    "seconds": ("7200", 2 * HOUR),
    "a date": ("Wed, 04 Mar 2026 15:00:00 GMT", 3 * HOUR),
    "a month is capped at two days": ("2592000", 2 * DAY),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("value", "wait"), RETRY.values(), ids=RETRY.keys())
def test_retry_after_binds_everybody(station: Station, value: str, wait: timedelta, status: int) -> None:
    busy = Reply(status, (("Retry-After", value), ("Date", "Wed, 04 Mar 2026 12:00:00 GMT")))
    assert second_wait(station, [tagged(rss("a")), busy]) >= wait
    station.at += wait - SECOND
    assert station.poll() is None, "a person waits too"
    station.at += SECOND
    assert station.poll() is not None


def test_a_429_without_retry_after_backs_off(station: Station) -> None:
    assert second_wait(station, [tagged(rss("a")), Reply(429)]) >= HOUR
    assert station.poll() is None


HINTS: dict[str, tuple[str, timedelta]] = {
    "ttl, in minutes": ("<ttl>600</ttl>", 10 * HOUR),
    "an absurd ttl is capped": ("<ttl>600000</ttl>", DAY),
    "updatePeriod": ("<sy:updatePeriod>daily</sy:updatePeriod>", DAY),
    "updatePeriod over updateFrequency": (
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
        12 * HOUR,
    ),
    "a negative ttl says nothing": ("<ttl>-5</ttl>", HOUR),
    "a podcast's update frequency": (
        "<podcast:updateFrequency rrule='FREQ=DAILY'>every day</podcast:updateFrequency>",
        DAY,
    ),
    "a podcast that is complete": ("<podcast:updateFrequency complete='true'/>", 30 * DAY),
    "a podcast that Apple is told is complete": ("<itunes:complete>Yes</itunes:complete>", 30 * DAY),
}


@pytest.mark.parametrize(("extra", "least"), HINTS.values(), ids=HINTS.keys())
def test_wishes_of_the_document_lengthen_the_wait_also_after_a_304(
    station: Station, extra: str, least: timedelta
) -> None:
    assert second_wait(station, document(rss("a", extra=extra), etag='"1"')) >= least


def test_an_update_period_counts_from_its_base(station: Station) -> None:
    at = NOW + 9 * HOUR
    extra = (
        "<sy:updatePeriod>daily</sy:updatePeriod>"
        f"<sy:updateBase>{at - 100 * DAY:%Y-%m-%dT%H:%M:%SZ}</sy:updateBase>"
    )
    station.publish(document(rss("a", extra=extra), etag='"1"'))
    station.configure(paper())
    station.poll()
    due = station.state().next_poll
    assert due is not None
    assert at <= due <= at + 4 * HOUR  # the first poll after the first is drawn apart


def test_a_json_feed_that_has_expired_is_left_alone_until_it_says_otherwise(station: Station) -> None:
    feed = '{{"version": "https://jsonfeed.org/version/1.1", "title": "F", "expired": {}, "items": []}}'
    ended, back = (tagged(feed.format(said).encode(), f'"{said}"') for said in ("true", "false"))
    station.publish([ended, Reply(304), ended, back])
    station.configure(paper())
    waits = []
    for _ in range(4):
        station.poll(after=40 * DAY)
        waits.append(station.wait())
    assert min(waits[:3]) >= 30 * DAY
    assert waits[3] < 2 * DAY


def test_skipped_hours_and_days_are_passed_over(station: Station) -> None:
    hours = "".join(f"<hour>{n}</hour>" for n in range(24) if n != 6)
    extra = f"<skipHours>{hours}</skipHours><skipDays><day>Thursday</day></skipDays>"
    station.publish(document(rss("a", extra=extra), etag='"1"'))
    station.configure(paper())
    station.at = NOW.replace(day=4, hour=12)  # a Wednesday
    station.poll()
    due = station.state().next_poll
    assert due is not None
    assert (due.weekday(), due.hour) == (4, 6)


def test_the_operator_s_interval_holds_as_written_but_for_the_server_s_word(station: Station) -> None:
    extra = "<ttl>600</ttl>"
    assert second_wait(station, document(rss("a", extra=extra), etag='"1"'), every_s=900) < 20 * MINUTE


def test_subscribing_costs_one_get(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.configure(paper())
    station.tick()
    station.tick(after=MINUTE)
    assert [seen.method for seen in station.asked()] == ["GET"]


NEWBORN = b"<rss version='2.0'><channel><title>New</title><item><title>Hello</title></item></channel></rss>"
SPREADS = {
    "nothing is known of them: over the interval": (NEWBORN, 45 * MINUTE),
    "all have one and the same rhythm: within a quarter of an hour": (rss("a", "b", "c"), 5 * MINUTE),
}


@pytest.mark.parametrize(("script", "least"), SPREADS.values(), ids=SPREADS.keys())
def test_sources_added_together_are_asked_apart(station: Station, script: bytes, least: timedelta) -> None:
    names = [f"p{n}" for n in range(30)]
    sources = [Source(url=f"http://{name}.example/feed", name=name) for name in names]
    for name in names:
        station.publish(document(script, etag='"1"'), host=f"{name}.example")
    station.configure(*sources)
    assert len(station.tick()) == 30
    due = sorted(state.next_poll for state in station.states() if state.next_poll)
    assert due[-1] - due[0] > least
    assert len({moment.minute for moment in due}) > 6, "not all at one minute of the hour"


def test_a_backlog_is_worked_off_two_at_a_time_for_each_site(station: Station) -> None:
    sources = [Source(url=f"http://crowd.example/{n}", name=f"c{n}") for n in range(6)]
    for n in range(6):
        station.publish(document(rss("a"), etag='"1"'), host="crowd.example", path=f"/{n}")
    station.configure(*sources)
    assert [len(station.tick()) for _ in range(4)] == [2, 2, 2, 0]


def test_connections_are_reused(station: Station) -> None:
    station.publish(Reply(302, (("Location", "/other"),)))
    station.publish(document(rss("a"), etag='"1"'), path="/other")
    station.configure(paper())
    station.poll()
    assert {seen.connection for seen in station.origin.requests} == {1}


def _granted(engine: Engine, per_hour: int, at: timedelta) -> int:
    with writing(engine) as connection:
        claims = claim_due(
            connection, NOW + at, Budget(per_host=99, per_hour=per_hour), limit=1000, seconds=0.001
        )
    return len(claims)


@pytest.mark.parametrize("per_hour", [1, 2, 10, 60, 400])
def test_no_hour_has_more_polls_than_the_budget(engine: Engine, per_hour: int) -> None:
    sources = tuple(Source(url=f"http://s{n}.example/", name=f"s{n}") for n in range(500))
    apply(engine, Configuration(sources=sources), NOW)
    ticks = [(seconds, _granted(engine, per_hour, seconds * SECOND)) for seconds in range(0, 9000, 60)]
    for start, _ in ticks:
        hour = sum(count for at, count in ticks if start <= at < start + 3600)
        assert hour <= per_hour
    total = sum(count for _, count in ticks)
    assert total >= 2.5 * per_hour * 0.9 - 1, "and it is used"
