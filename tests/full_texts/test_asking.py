"""What is asked of sites for full texts: who is asked, how often, and who may not be."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from aggregator.daemon import page_reader
from aggregator.model import Budget
from aggregator.pipeline.status import told_pages
from aggregator.store.articles.page_texts import claim_pages, save_pages
from aggregator.store.engine import reading, writing
from aggregator.store.sources.hosts import load_hosts
from aggregator.store.tables import page_texts, robots
from tests.full_texts.reading import HOST, HTML, Reading, full, page
from tests.origin import Reply, redirect
from tests.polling.station import DAY, HOUR, MINUTE, paper, rss, tagged


def test_a_source_that_says_nothing_of_it_reads_no_pages(station: Reading) -> None:
    station.configure(paper())
    station.poll()
    assert station.read() == []
    assert station.stands() == {"a": None}


def test_robots_txt_is_obeyed_and_asked_for_once_a_day(station: Reading) -> None:
    station.publish(tagged(rss("a", "b")))
    station.page("b", page("brig"))
    station.page("robots.txt", Reply(200, (), b"User-agent: aggregator\nDisallow: /a\n"))
    station.configure(full())
    station.poll()
    station.read()
    assert station.asked(path="/a") == []
    assert len(station.asked(path="/robots.txt")) == 1
    assert (station.stand("a").due_at, station.stand("a").reason) == (
        None,
        "The robots.txt of http://paper.example forbids it.",
    )
    assert b"brig" in station.published("atom")
    station.publish(tagged(rss("c", "b", "a"), '"2"'))
    station.page("c", page("cutter"))
    station.poll(after=23 * HOUR)
    station.read()
    assert len(station.asked(path="/robots.txt")) == 1
    station.publish(tagged(rss("d", "c", "b", "a"), '"3"'))
    station.page("d", page("dhow"))
    station.poll(after=2 * HOUR)
    station.read()
    assert len(station.asked(path="/robots.txt")) == 2
    assert "1 given up (the last: The robots.txt" in told_pages(station.state().pages)  # type: ignore[arg-type]


def test_a_site_that_cannot_say_is_asked_for_no_page_until_it_can(station: Reading) -> None:
    station.page("robots.txt", [Reply(503), Reply(404)])
    station.configure(full())
    station.poll()
    station.read()
    assert station.asked(path="/a") == []
    assert "cannot be read" in station.stand().reason
    # the 503 is believed for an hour
    station.read(after=61 * MINUTE)
    assert b"schooner" in station.published("atom")


def test_a_page_is_tried_three_times_with_growing_waits(station: Reading) -> None:
    station.page("a", Reply(500))
    station.configure(full())
    station.poll()
    waits: list[timedelta | None] = []
    for _ in range(3):
        station.read()
        due = station.stand().due_at
        waits.append(due - station.at if due else None)
        assert station.read() == []
        station.at += DAY
    assert waits == [10 * MINUTE, 3 * HOUR, None]
    assert len(station.asked(path="/a")) == 3
    assert station.read(after=30 * DAY) == []
    assert station.stand().reason.startswith("It answered 500")
    assert station.explained().startswith("full text: given up after 3 tries: It answered 500")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(404), "404"),
        (Reply(410), "gone"),
        (Reply(200, (("Content-Type", "application/pdf"),), b"%PDF"), "application/pdf"),
        (Reply(200, HTML, b"<html><body><p>Subscribe to read on.</p></body></html>"), "No article text"),
        (redirect("http://10.0.0.1/secret"), "10.0.0.1"),
        (redirect("file:///etc/passwd"), "http"),
        (redirect(f"{HOST}/a"), "circle"),
    ],
)
def test_what_would_not_get_better_is_not_tried_again(station: Reading, reply: Reply, reason: str) -> None:
    station.page("a", reply)
    station.configure(full())
    station.poll()
    station.read()
    stand = station.stand()
    assert (stand.due_at, stand.tries) == (None, 1)
    assert reason in stand.reason
    assert b"schooner" not in station.published("atom")


def test_rules_that_take_long_keep_nobody_else_waiting(
    station: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding: list[threading.Thread] = []

    def decide(*_: object) -> bool:
        deciding.append(threading.current_thread())
        return True

    monkeypatch.setattr(page_reader, "may_read", decide)
    station.page("robots.txt", Reply(200, (), b"User-agent: *\nDisallow: /*x"))
    station.configure(full())
    station.poll()
    station.read()
    assert deciding
    assert threading.main_thread() not in deciding


def test_where_a_redirect_leads_its_robots_txt_holds(station: Reading) -> None:
    station.page("a", redirect("http://gone.example/a"))
    station.page("a", page("galleon"), host="gone.example")
    station.page("robots.txt", Reply(200, (), b"User-agent: *\nDisallow: /"), host="gone.example")
    station.configure(full())
    station.poll()
    station.read()
    assert "gone.example forbids" in station.stand().reason
    assert b"galleon" not in station.published("atom")


def test_only_what_goes_out_is_asked_for(station: Reading) -> None:
    station.publish(tagged(rss("a", "b", "c")))
    station.configure(full(initial_items=1))
    station.poll()
    assert len(station.read()) == 1


def test_what_is_asked_for_pages_is_booked_and_a_429_pauses_the_site(station: Reading) -> None:
    station.page("a", Reply(429, (("Retry-After", "7200"),)))
    station.configure(full())
    station.poll()
    station.read()
    with reading(station.engine) as connection:
        (line,) = (one for one in load_hosts(connection, station.at) if one.name == "paper.example")
    # the feed, robots.txt and the page
    assert (line.polls, line.requests, line.refusals) == (1, 3, 1)
    assert line.not_before == station.at + 2 * HOUR
    assert station.poll() is None
    assert station.stand().due_at == station.at + 2 * HOUR


def test_two_workers_never_read_one_page_and_a_lost_one_is_free_again(station: Reading) -> None:
    station.configure(full())
    station.poll()

    def claim(at: datetime) -> int:
        with writing(station.engine) as connection:
            return len(claim_pages(connection, at, Budget(per_host=2), limit=10, seconds=60))

    assert claim(station.at) == 1
    assert claim(station.at) == 0
    assert claim(station.at + timedelta(seconds=61)) == 1


def test_a_result_whose_claim_was_lost_is_left_out(station: Reading) -> None:
    station.configure(full())
    station.poll()
    with writing(station.engine) as connection:
        claims = claim_pages(connection, station.at, Budget(per_host=2), limit=10, seconds=60)
    with writing(station.engine) as connection:
        connection.execute(update(page_texts).values(due_at=station.at + DAY))
    reads = asyncio.run(station._read(claims))
    with writing(station.engine) as connection:
        assert save_pages(connection, reads) == frozenset()
    assert station.stand().fetched_at is None


def test_pages_of_one_public_site_are_spaced_and_share_the_common_budget(station: Reading) -> None:
    station.publish(tagged(rss("a", "b", "c")))
    station.configure(full())
    station.poll()

    def claim(after_s: float, **limits: Any) -> int:
        with writing(station.engine) as connection:
            at = station.at + timedelta(seconds=after_s)
            return len(claim_pages(connection, at, Budget(per_host=2, **limits), limit=10, seconds=600))

    assert claim(0, spacing_s=5) == 1
    assert claim(4, spacing_s=5) == 0
    assert claim(6, spacing_s=5) == 1
    # nothing is left of one request an hour
    assert [claim(12, per_hour=1), claim(13, per_hour=1)] == [1, 0]


def test_robots_documents_are_stored(station: Reading) -> None:
    station.page("robots.txt", Reply(200, (("Cache-Control", "max-age=7200"),), b"User-agent: *\nAllow: /"))
    station.configure(full())
    station.poll()
    station.read()
    with reading(station.engine) as connection:
        (row,) = connection.execute(select(robots))
    assert (row.origin, row.state, row.until) == (HOST, "rules", station.at + 2 * HOUR)
