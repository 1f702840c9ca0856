"""What is wrong becomes events, and the events a feed like any other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import feedparser
import pytest
from sqlalchemy import Engine

from aggregator.model import Arrived, Configuration, Feed, FeedInfo, Habits, Source, SourceState, TroubleKind
from aggregator.pipeline.review import review_all
from aggregator.schedule.trouble import longer_than_ever, troubles_of_habits, troubles_of_state
from aggregator.store.engine import reading
from aggregator.store.problems import list_open, read_problems
from aggregator.web.app import create_app
from tests.origin import Reply, redirect
from tests.polling.station import DAY, HOUR, NOW, Station, paper, rss, tagged
from tests.store.making import apply, arrive, entry, source

WALL = Reply(403, (("cf-mitigated", "challenge"),), b"<!doctype html><title>Just a moment...</title>")


def open_kinds(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [problem.kind.value for problem in list_open(connection)]


def fetch(engine: Engine, suffix: str = "atom") -> bytes:
    answer = create_app(engine).test_client().get(f"/feeds/problems.{suffix}")
    assert answer.status_code == 200
    return answer.data


def test_a_bot_wall_opens_a_problem_and_the_first_answer_closes_it(station: Station) -> None:
    station.publish([tagged(rss("a")), WALL, WALL, tagged(rss("a", "b"))])
    station.configure(paper())
    station.poll()
    assert open_kinds(station.engine) == []
    station.poll(after=DAY)
    station.poll(after=DAY)
    assert open_kinds(station.engine) == ["challenge"]
    (open_entry,) = feedparser.parse(fetch(station.engine)).entries
    assert open_entry.title == "Paper is behind a bot wall"
    assert "Cloudflare" in open_entry.content[0].value
    station.poll(after=DAY)
    assert open_kinds(station.engine) == []
    (solved,) = feedparser.parse(fetch(station.engine)).entries
    assert solved.title == "Solved: Paper is behind a bot wall"
    assert solved.id == open_entry.id
    assert solved.published == open_entry.published
    assert solved.updated > open_entry.updated


def test_a_problem_that_comes_back_is_a_new_entry(station: Station) -> None:
    station.publish([WALL, tagged(rss("a")), WALL])
    station.configure(paper())
    for _ in range(3):
        station.poll(after=DAY)
    entries = feedparser.parse(fetch(station.engine)).entries
    assert [e.title for e in entries] == [
        "Paper is behind a bot wall",
        "Solved: Paper is behind a bot wall",
    ]
    assert len({e.id for e in entries}) == 2


def test_a_move_names_the_line_to_change(station: Station) -> None:
    station.publish(tagged(rss("a")), host="new.example")
    station.publish(redirect("http://new.example/feed", 301))
    station.configure(paper(), hosts=("new.example",))
    for _ in range(3):
        station.poll(after=DAY)
    (item,) = json.loads(fetch(station.engine, "json"))["items"]
    assert "a.yaml:3" in item["content_html"]
    assert "url: http://new.example/feed" in item["content_html"]
    assert item["tags"] == ["moved"]


def test_gone_is_told(station: Station) -> None:
    station.publish(Reply(410))
    station.configure(paper())
    station.poll()
    assert open_kinds(station.engine) == ["gone"]


def test_one_failure_is_no_problem_and_a_day_of_them_is(station: Station) -> None:
    station.publish([tagged(rss("a")), Reply(500)])
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    assert open_kinds(station.engine) == []
    station.poll(after=DAY)
    assert open_kinds(station.engine) == ["failing"]


def test_a_feed_that_overflows_between_polls_is_lossy(station: Station) -> None:
    station.publish(
        [tagged(rss("a", "b"), '"1"'), tagged(rss("c", "d"), '"2"'), tagged(rss("d", "e"), '"3"')]
    )
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    assert open_kinds(station.engine) == ["lossy"]
    state = json.loads(create_app(station.engine).test_client().get("/status.json").data)
    assert state["sources"][0]["gaps"] == 1


def test_the_document_is_the_same_until_a_problem_changes(station: Station) -> None:
    station.publish([tagged(rss("a")), WALL])
    station.configure(paper())
    client = create_app(station.engine).test_client()
    before = client.get("/feeds/problems.atom")
    assert (
        client.get("/feeds/problems.atom", headers={"If-None-Match": before.headers["ETag"]}).status_code
        == 304
    )
    station.poll()
    assert fetch(station.engine) == before.data, "a good poll changes nothing"
    station.poll(after=DAY)
    first = fetch(station.engine)
    assert first != before.data
    review_all(station.engine, station.at)
    station.poll(after=DAY)
    assert fetch(station.engine) == first, "the same trouble again is no news"


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_every_format_is_published(station: Station, suffix: str) -> None:
    station.publish(Reply(410))
    station.configure(paper())
    station.poll()
    assert b"Paper is gone" in fetch(station.engine, suffix)


def test_the_feed_keeps_its_id_and_is_no_part_of_the_paper(station: Station) -> None:
    station.configure(paper())
    first = feedparser.parse(fetch(station.engine)).feed.id
    station.configure(paper(), source("Other"))
    assert feedparser.parse(fetch(station.engine)).feed.id == first
    client = create_app(station.engine).test_client()
    assert b"/feeds/problems" not in client.get("/opml/feeds.opml").data
    assert client.get("/feeds/problems").headers["Location"].endswith("/status")


def test_a_configured_feed_called_problems_comes_first(sqlite_engine: Engine) -> None:
    mine = Feed(slug="problems", title="Problems of physics")
    apply(sqlite_engine, Configuration(sources=(source("Paper"),), feeds=(mine,)))
    assert feedparser.parse(fetch(sqlite_engine)).feed.title == "Problems of physics"


def state_of(**changes: object) -> SourceState:
    plain = SourceState(
        source_id=1,
        slug="paper",
        source=Source(url="http://paper.example/feed", name="Paper", where="a.yaml:3"),
        info=FeedInfo(),
        state="ok",
        last_poll=NOW,
        last_success=NOW,
        failures=0,
        failure_kind=None,
        reason=None,
        next_poll=NOW + HOUR,
        next_why="",
        moved_to=None,
        articles=1,
        added_at=NOW - 90 * DAY,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def arrived(
    count: int, site: str = "paper.example", language: str = "en", last: datetime = NOW
) -> list[Arrived]:
    """An entry a day, newest first."""
    days = [last - n * DAY for n in range(count)]
    return [Arrived(day, day, site, language) for day in days]


def habits(*recent: Arrived, **counts: object) -> Habits:
    return Habits(recent=recent, imported_at=NOW - 60 * DAY, **counts)  # type: ignore[arg-type]


HABITS: dict[str, tuple[Habits, set[str]]] = {
    "as ever": (habits(*arrived(30)), set()),
    "never read": (Habits(), set()),
    "an entry a day, silent for three days": (habits(*arrived(30, last=NOW - 3 * DAY)), {"silent"}),
    "an entry a day, silent for a weekend": (habits(*arrived(30, last=NOW - 2 * DAY)), set()),
    "too few entries to know": (habits(*arrived(5, last=NOW - 30 * DAY)), set()),
    "another site all at once": (habits(*arrived(3, "casino.example"), *arrived(20)), {"domain"}),
    "one link elsewhere": (habits(*arrived(1, "casino.example"), *arrived(20)), set()),
    "links everywhere, as ever": (
        habits(*arrived(3, "new.example"), *(one for n in range(10) for one in arrived(2, f"s{n}.example"))),
        set(),
    ),
    "another language all at once": (habits(*arrived(4, language="ru"), *arrived(20)), {"language"}),
    "another country's English": (habits(*arrived(4, language="en-GB"), *arrived(20)), set()),
    "a flood": (habits(*arrived(30), last_day=300, before=60), {"rate"}),
    "a busy day of a busy paper": (habits(*arrived(30), last_day=300, before=2800), set()),
}


@pytest.mark.parametrize(("seen", "kinds"), HABITS.values(), ids=HABITS.keys())
def test_trouble_is_judged_by_the_source_s_own_habit(seen: Habits, kinds: set[str]) -> None:
    assert {one.kind.value for one in troubles_of_habits(state_of(), seen, NOW)} == kinds


def test_a_certificate_is_a_class_of_its_own() -> None:
    broken = state_of(state="failing", failures=1, failure_kind="tls", reason="It expired.")
    (trouble,) = troubles_of_state(broken, NOW)
    assert trouble.kind is TroubleKind.CERTIFICATE
    assert "expired" in trouble.text


def test_a_removed_source_has_no_troubles() -> None:
    removed = state_of(is_configured=False, state="removed", failures=9, failure_kind="tls")
    assert troubles_of_state(removed, NOW) == ()
    assert troubles_of_habits(removed, habits(*arrived(3, "casino.example"), *arrived(20)), NOW) == ()


@pytest.mark.parametrize(("days", "is_unheard_of"), [(1, False), (9, False), (11, True), (100, True)])
def test_a_pause_is_measured_by_the_longest_one_before(days: int, is_unheard_of: bool) -> None:
    times = [NOW - timedelta(days=5) * n for n in range(12)]
    assert bool(longer_than_ever(times, NOW + timedelta(days=days))) is is_unheard_of


def test_an_output_that_goes_stale_is_told_and_recovers(engine: Engine) -> None:
    feed = Feed(slug="all", title="Everything")
    apply(engine, Configuration(sources=(source("Paper"),), feeds=(feed,)))
    for n in range(14):
        at = NOW + n * HOUR
        arrive(engine, "paper", entry(f"e{n}", published=at), feeds=("all",), at=at)
    review_all(engine, NOW + DAY)
    assert "stale" not in open_kinds(engine)
    review_all(engine, NOW + 5 * DAY)
    with reading(engine) as connection:
        stale = [one for one in read_problems(connection, 10) if one.kind is TroubleKind.STALE]
    assert [one.title for one in stale] == ["The feed Everything has gone stale"]
    at = NOW + 5 * DAY
    arrive(engine, "paper", entry("fresh", published=at), feeds=("all",), at=at)
    review_all(engine, NOW + 5 * DAY + HOUR)
    assert "stale" not in open_kinds(engine)


def test_reviewing_again_changes_nothing(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("Paper"),)))
    for n in range(14):
        at = NOW + n * HOUR
        arrive(engine, "paper", entry(f"e{n}", published=at), at=at)
    assert review_all(engine, NOW + 9 * DAY) > 0
    assert review_all(engine, NOW + 9 * DAY) == 0
