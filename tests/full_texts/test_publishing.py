"""Full texts: what a source with ``content: full-text`` publishes."""

from __future__ import annotations

from sqlalchemy import select

from aggregator.model import Rewrite
from aggregator.store.articles.listing import list_articles
from aggregator.store.engine import reading
from aggregator.store.tables import page_texts
from tests.full_texts.reading import HOST, HTML, Reading, full, page, sentences
from tests.origin import Reply
from tests.polling.station import DAY, HOUR, paper, rss, tagged

TOMB = "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='a'/>"


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


def test_where_the_text_stands_is_said_by_a_person_and_read_anew_when_that_changes(station: Reading) -> None:
    station.configure(full())
    station.poll()
    station.read()
    station.configure(full(text=("nav, article",)))
    assert b"Home" not in station.published("atom")
    assert len(station.read(after=HOUR)) == 1
    assert b"Home" in station.published("atom")
    assert station.read() == []
    station.configure(full(text=("#body",)))
    station.read(after=HOUR)
    assert station.stand().reason == "Nothing in the page matches #body."
    assert b"Home" in station.published("atom")
    # nobody wants it any more, so nobody is asked again
    station.configure(paper())
    assert station.read(after=HOUR) == []


def test_a_text_goes_when_its_article_is_withdrawn(station: Reading) -> None:
    station.publish([tagged(rss("a"), '"1"'), tagged(rss("b", extra=TOMB), '"2"')])
    station.configure(full())
    station.poll()
    station.read()
    station.poll(after=HOUR)
    with reading(station.engine) as connection:
        assert connection.execute(select(page_texts).where(page_texts.c.body.is_not(None))).all() == []
