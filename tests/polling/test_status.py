"""Status: what a person and a machine can see of every source, and nothing secret."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from aggregator.pipeline.status import lateness_in, state_as_json
from aggregator.store.engine import reading
from aggregator.store.overview import load_overview
from aggregator.web.app import create_app
from tests.origin import Reply, document
from tests.polling.station import DAY, HOUR, MINUTE, Station, paper, rss, tagged


def report(station: Station) -> Any:
    answer = create_app(station.engine).test_client().get("/status.json")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    return json.loads(answer.data)


def test_failures_reason_last_success_and_next_try_are_visible(station: Station) -> None:
    station.publish([tagged(rss("a")), Reply(404)])
    station.configure(paper())
    station.poll()
    good = station.at
    station.poll(after=HOUR)
    station.poll(after=DAY)
    (row,) = report(station)["sources"]
    assert (row["state"], row["failures"], row["kind"]) == ("failing", 2, "http")
    assert row["last_success"] == good.isoformat().replace("+00:00", "Z")
    assert "404" in row["reason"]
    assert row["next_poll"]
    assert "2 failures in a row" in row["why"]
    assert row["where"] == "a.yaml:3"
    page = create_app(station.engine).test_client().get("/status").get_data(as_text=True)
    assert "2 failed in a row" in page
    assert "404" in page


def test_the_observed_rhythm_is_shown(station: Station) -> None:
    station.publish(document(rss("a", "b"), etag='"1"'))
    station.configure(paper())
    station.poll()
    station.publish(tagged(rss("a", "b", "c"), '"2"'))
    station.poll(after=DAY)
    (row,) = report(station)["sources"]
    assert row["entries_per_day"] > 0


def test_lateness_is_measured_from_the_planned_time(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.configure(paper(every_s=3600))
    station.tick()
    due = station.state().next_poll
    assert due is not None
    station.at = due + 90 * timedelta(seconds=1)
    station.tick()
    state = station.state()
    assert state.late_s == 90
    assert state_as_json(state, station.at)["overdue_s"] == 0
    assert state_as_json(state, state.next_poll + MINUTE)["overdue_s"] == 60  # type: ignore[operator]
    with reading(station.engine) as connection:
        assert lateness_in(load_overview(connection, station.at))["longest_s"] == 90


def test_a_source_that_was_told_to_wait_is_not_overdue_when_it_comes_back_into_the_configuration(
    station: Station,
) -> None:
    station.publish(Reply(500, (("Retry-After", "86400"),)))
    station.configure(paper())
    station.tick()
    end = station.at + DAY
    station.configure()
    station.configure(paper())
    station.tick(after=2 * HOUR)
    state = station.state()
    assert (state.next_poll, state.next_why) == (end, "the server asked us to wait")
    with reading(station.engine) as connection:
        overview = load_overview(connection, station.at)
    assert (overview.due, overview.overdue_s) == (0, 0)
    station.at = end + MINUTE
    station.tick()
    assert len(station.asked()) == 2
    assert station.state().late_s == 60


def test_a_poll_that_was_not_due_is_not_late(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.configure(paper())
    station.poll()
    station.poll(after=MINUTE)
    assert station.state().late_s is None


def test_no_secret_shows_anywhere(station: Station) -> None:
    station.publish(Reply(401))
    proxy = station.origin.url("").replace("http://", "http://me:hush-proxy@")
    station.configure(paper(headers=(("X-Key", "hush-header"),), auth="me:hush-auth", proxy=proxy))
    station.poll()
    client = create_app(station.engine).test_client()
    for path in ("/status", "/status.json", "/feeds/problems.atom", "/about/fetching", "/sources"):
        assert b"hush" not in client.get(path).data
    assert station.asked()[0].header("X-Key") == "hush-header"


def test_the_page_for_publishers_says_who_we_are_and_how_to_stop_us(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    page = create_app(station.engine).test_client().get("/about/fetching").get_data(as_text=True)
    for words in (
        "ed@gazette.example",
        "410 Gone",
        "Retry-After",
        "robots.txt",
        "paper.example",
        "aggregator/",
    ):
        assert words in page, words
