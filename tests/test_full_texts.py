"""Full texts: what a source with ``content: full-text`` publishes, and what is asked of sites for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from aggregator.editions import PLAIN
from aggregator.explaining import explain_article
from aggregator.full_texts import PageReader
from aggregator.http import user_agent
from aggregator.http.client import Client
from aggregator.model import Configuration, Rewrite
from aggregator.model.pages import PageRead, PageState
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline import publish_feed
from aggregator.status import told_pages
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.page_texts import claim_pages, find_page, save_pages
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.placements import find_feed
from aggregator.store.sources.hosts import load_hosts
from aggregator.store.tables import page_texts, robots
from tests.origin import Origin, Reply, Script, document, redirect
from tests.polling.station import DAY, HOUR, MINUTE, Station, paper, rss, tagged
from tests.running import free_port, json_lines, running, wait_until

HTML = (("Content-Type", "text/html; charset=utf-8"),)
HOST = "http://paper.example"


def sentences(about: str, count: int = 8) -> str:
    line = (
        f"The {about} lay quietly in the harbour of the old town while number {{n}} of the bells was rung. "
    )
    return "".join(f"<p>{line.format(n=n) * 2}</p>" for n in range(count))


def page(about: str, count: int = 8) -> Reply:
    html = (
        f"<html><head><title>{about}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{about}</h1>{sentences(about, count)}</article><footer>All rights</footer>"
        "</body></html>"
    )
    return Reply(200, HTML, html.encode())


@dataclass
class Reading(Station):
    """A station whose worker reads articles' pages, too."""

    reads: list[PageRead] = field(default_factory=list)

    def read(self, after: timedelta = timedelta(0), limit: int = 100) -> list[PageRead]:
        """Read what is due, as the worker would."""
        self.at += after
        with writing(self.engine) as connection:
            claims = claim_pages(connection, self.at, limit=limit, per_host=2, seconds=60)
        made = asyncio.run(self._read(claims)) if claims else []
        with writing(self.engine) as connection:
            save_pages(connection, made)
        self.reads += made
        return made

    async def _read(self, claims: Sequence[Any]) -> list[PageRead]:
        agent = user_agent(self.configuration.fetch, self.configuration.site)

        async def in_store(call: Any, *arguments: Any) -> Any:
            return call(*arguments)

        async with Client(self.configuration.fetch, user_agent=agent) as client:
            reader = PageReader(self.engine, client, Sandbox(workers=0), in_store, lambda: self.at)
            return [await reader.read(claim) for claim in claims]

    def page(self, name: str, script: Script, host: str = "paper.example") -> None:
        self.origin.on(f"http://{host}/{name}", script)

    def stands(self) -> dict[str, PageState | None]:
        """How the full text of each article stands, by title."""
        with reading(self.engine) as connection:
            return {
                article.entry.title: find_page(connection, article.id)
                for article in list_articles(connection, after_id=0, limit=100)
            }

    def stand(self, title: str = "a") -> PageState:
        found = self.stands()[title]
        assert found is not None
        return found

    def items(self, kind: str = "source", slug: str = "paper") -> dict[str, dict[str, Any]]:
        """The published items by title."""
        return {item["title"]: item for item in json.loads(self.published("json", kind, slug))["items"]}

    def published(self, form: str, kind: str = "source", slug: str = "paper") -> bytes:
        with reading(self.engine) as connection:
            head = find_feed(connection, kind, slug)  # type: ignore[arg-type]
            assert head is not None
            return publish_feed(connection, head, self.configuration.site, form, PLAIN).body

    def version(self) -> str:
        with reading(self.engine) as connection:
            head = find_feed(connection, "source", "paper")
            assert head is not None
            return head.version

    def explained(self, title: str = "a") -> str:
        with reading(self.engine) as connection:
            (found,) = (a for a in list_articles(connection, after_id=0, limit=100) if a.entry.title == title)
            return explain_article(connection, Configuration(), str(found.id)).full_text


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def station(engine: Engine, origin: Origin) -> Reading:
    """A paper with one article, on SQLite and PostgreSQL."""
    made = Reading(engine, origin)
    made.publish(tagged(rss("a")))
    made.page("a", page("schooner"))
    return made


def full(**settings: Any) -> Any:
    return paper(full_text=True, **settings)


def test_the_text_of_the_page_is_published_and_the_feeds_own_is_kept(station: Reading) -> None:
    station.publish(tagged(rss("a").replace(b"<link>", b"<description>A teaser.</description><link>")))
    station.configure(full())
    station.poll()
    before = station.version()
    assert station.items()["a"]["content_html"] == "A teaser."
    assert [read.claim.tries for read in station.read()] == [1]
    item = station.items()["a"]
    assert item["content_html"].count("schooner") == 16
    assert "Home" not in item["content_html"]
    assert item["summary"] == "A teaser."
    assert b"schooner" in station.published("atom")
    assert b"schooner" in station.published("rss")
    assert station.version() != before
    with reading(station.engine) as connection:
        (article,) = list_articles(connection, after_id=0, limit=10)
    assert article.entry.content == ""
    assert article.entry.summary == "A teaser."
    # nothing is asked twice
    assert station.read(after=DAY) == []


def test_a_source_that_says_nothing_of_it_reads_no_pages(station: Reading) -> None:
    station.configure(paper())
    station.poll()
    assert station.read() == []
    assert station.stands() == {"a": None}


def test_rights_are_stricter_than_the_text_is_full(station: Reading) -> None:
    station.publish(tagged(rss("a").replace(b"<link>", b"<description>A teaser.</description><link>")))
    station.configure(full(rewrite=Rewrite(content="summary")))
    station.poll()
    station.read()
    assert (
        "content_html" not in station.items()["a"] or "schooner" not in station.items()["a"]["content_html"]
    )
    station.configure(full(rewrite=Rewrite(content="link")))
    assert b"schooner" not in station.published("atom")


def test_the_fuller_of_both_texts_is_published(station: Reading) -> None:
    long = sentences("frigate", 20).replace("<", "&lt;")
    station.publish(tagged(rss("a").replace(b"<link>", f"<description>{long}</description><link>".encode())))
    station.configure(full())
    station.poll()
    station.read()
    assert station.stand().words > 100
    assert b"frigate" in station.published("atom")
    assert b"schooner" not in station.published("atom")
    assert "the feed's own text says as much" in station.explained()


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


def test_where_a_redirect_leads_its_robots_txt_holds(station: Reading) -> None:
    station.page("a", redirect("http://gone.example/a"))
    station.page("a", page("galleon"), host="gone.example")
    station.page("robots.txt", Reply(200, (), b"User-agent: *\nDisallow: /"), host="gone.example")
    station.configure(full())
    station.poll()
    station.read()
    assert "gone.example forbids" in station.stand().reason
    assert b"galleon" not in station.published("atom")


def test_hostile_markup_is_harmless(station: Reading) -> None:
    evil = (
        "<script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>x</a>"
        "<iframe src='http://10.0.0.1/'></iframe><p style='position:fixed' onclick='alert(4)'>"
    )
    station.page("a", Reply(200, HTML, page("schooner").body.replace(b"<p>", evil.encode() + b"<p>")))
    station.configure(full())
    station.poll()
    station.read()
    body = station.items()["a"]["content_html"]
    assert "schooner" in body
    for danger in ("alert", "onerror", "javascript", "iframe", "style", "10.0.0.1"):
        assert danger not in body, danger


def test_another_link_is_read_anew_and_a_re_poll_is_not(station: Reading) -> None:
    first, moved = rss("a"), rss("a").replace(b"paper.example/a<", b"paper.example/a-again<")
    edited = rss("a").replace(b"<title>a<", b"<title>A, edited<")
    station.publish([tagged(first, '"1"'), tagged(edited, '"2"'), tagged(moved, '"3"')])
    station.page("a-again", page("galleon"))
    station.configure(full())
    station.poll()
    station.read()
    station.poll(after=DAY)
    assert station.read() == []
    assert station.items()["A, edited"]["content_html"].count("schooner") == 16
    station.poll(after=DAY)
    # until the new page is read the old text stands
    assert b"schooner" in station.published("atom")
    assert [read.claim.url for read in station.read()] == [f"{HOST}/a-again"]
    assert b"galleon" in station.published("atom")


def test_only_what_goes_out_is_asked_for(station: Reading) -> None:
    station.publish(tagged(rss("a", "b", "c")))
    station.configure(full(initial_items=1))
    station.poll()
    assert len(station.read()) == 1


def test_switching_it_on_reads_the_newest_and_off_publishes_none(station: Reading) -> None:
    station.configure(paper())
    station.poll()
    station.configure(full())
    assert len(station.read()) == 1
    assert b"schooner" in station.published("atom")
    station.configure(paper())
    assert b"schooner" not in station.published("atom")
    assert "no longer full-text" in station.explained()
    station.configure(full())
    assert station.read() == []
    assert b"schooner" in station.published("atom")


def test_a_text_goes_when_its_article_is_withdrawn(station: Reading) -> None:
    station.publish([tagged(rss("a"), '"1"'), tagged(rss("b", extra=TOMB), '"2"')])
    station.configure(full())
    station.poll()
    station.read()
    station.poll(after=HOUR)
    with reading(station.engine) as connection:
        assert connection.execute(select(page_texts).where(page_texts.c.body.is_not(None))).all() == []


TOMB = "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='a'/>"


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
            return len(claim_pages(connection, at, limit=10, per_host=2, seconds=60))

    assert claim(station.at) == 1
    assert claim(station.at) == 0
    assert claim(station.at + timedelta(seconds=61)) == 1


def test_a_result_whose_claim_was_lost_is_left_out(station: Reading) -> None:
    station.configure(full())
    station.poll()
    with writing(station.engine) as connection:
        claims = claim_pages(connection, station.at, limit=10, per_host=2, seconds=60)
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
            return len(claim_pages(connection, at, limit=10, per_host=2, seconds=600, **limits))

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


def test_the_daemon_reads_pages_in_the_background(origin: Origin, tmp_path: Path) -> None:
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>{name}</title>"
        f"<link>{origin.url('/' + name)}</link><description>In short, {name}.</description></item>"
        for name in ("open", "closed", "broken", "inside", "evil")
    )
    feed = f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>"
    origin.on("/feed", document(feed.encode(), etag='"1"'))
    origin.on("/robots.txt", Reply(200, (), b"User-agent: *\nDisallow: /closed"))
    origin.on("/open", page("schooner"))
    origin.on("/closed", page("frigate"))
    origin.on("/broken", Reply(500))
    origin.on("/inside", redirect("http://127.0.0.1:1/secret"))
    script = b"<script>alert(1)</script><p onclick='alert(2)'>"
    origin.on("/evil", Reply(200, HTML, page("galleon").body.replace(b"<p>", script, 2)))
    port = free_port()
    config = tmp_path / "aggregator.yaml"
    config.write_text(
        f"site: {{title: T, url: 'http://127.0.0.1:{port}'}}\nweb: {{listen: '127.0.0.1:{port}'}}\n"
        f"database: sqlite:///a.db\nfetch: {{allow_private: ['{origin.at}']}}\nfeeds: {{all: {{}}}}\n"
        f"sources:\n  - {{url: '{origin.url('/feed')}', name: Paper, content: full-text}}\n",
        "utf-8",
    )
    with running(config, f"http://127.0.0.1:{port}") as program:

        def texts() -> dict[str, str]:
            found = json.loads(program.get("/feeds/all.json")[2])["items"]
            return {item["title"]: item.get("content_html", "") for item in found}

        def settled() -> dict[str, Any] | None:
            (state,) = json_lines(config, "status")
            told = state["full_texts"] or {}
            return told if (told.get("read"), told.get("given_up")) == (2, 2) else None

        wait_until(lambda: "schooner" in texts().get("open", ""), timeout_s=90, what="the full text")
        wait_until(lambda: "galleon" in texts().get("evil", ""), timeout_s=60, what="the hostile page")
        told = wait_until(settled, timeout_s=60, what="what cannot be read")
        shown = texts()
        explained = json_lines(config, "explain", origin.url("/broken"))
        status = program.get("/status")[2].decode()
        counted = program.get("/metrics")[2].decode()
    assert "alert" not in shown["evil"]
    assert {name: shown[name] for name in ("closed", "broken", "inside")} == {
        "closed": "In short, closed.",
        "broken": "In short, broken.",
        "inside": "In short, inside.",
    }
    assert origin.seen("/closed") == []
    assert len(origin.seen("/robots.txt")) == 1
    assert len(origin.seen("/broken")) == 1
    assert told is not None
    assert told["waiting"] == 1
    assert "500" in explained[0]["full_text"]
    assert "2 full texts read, 1 waited for, 2 given up" in status
    assert 'aggregator_page_texts_total{outcome="ok"} 2.0' in counted


def test_a_configuration_without_the_extra_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aggregator.config import fields
    from aggregator.config.load import load_configuration
    from aggregator.errors import ConfigurationError

    path = tmp_path / "a.yaml"
    path.write_text("sources:\n  - {url: https://a.example/feed, content: full-text}\n", "utf-8")
    (source,) = load_configuration(path).configuration.sources
    assert (source.content, source.full_text) == ("full", True)
    monkeypatch.setattr(fields, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r":2:.*feed-aggregator\[fulltext\]"):
        load_configuration(path)
