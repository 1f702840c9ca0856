"""The past of a feed over HTTP: archives, links between them, what was taken back, what is gone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from aggregator.model import ArticleState, Configuration, Feed, Topic
from tests.publish.validity import check
from tests.store.making import NOW, admission, apply, arrive, claim_one, entry, placed, poll, source, store
from tests.web.paper import SITE, Paper, open_paper

ATOM = "{http://www.w3.org/2005/Atom}"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
COMPLETE = b"complete"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
BASE = "https://gazette.example"
CONFIGURATION = Configuration(
    site=SITE,
    sources=(source("Harbour Herald"),),
    topics=(Topic(slug="tide", title="The tide", query="tide*"),),
    feeds=(Feed(slug="front-page", title="Front page", limit=3),),
)


@pytest.fixture
def past(sqlite_engine) -> Paper:
    """A paper whose front page had ten articles: three archives of three, and one more."""
    paper = open_paper(sqlite_engine, CONFIGURATION, is_filled=False)
    for number in range(1, 11):
        bring(paper, number)
    return paper


def bring(paper: Paper, number: int, **fields: object) -> None:
    at = NOW + timedelta(days=3 * number)
    one = entry(f"n{number}", title=f"Barge {number}", published=at, **fields)
    arrive(paper.engine, "harbour-herald", one, feeds=["front-page"], at=at)
    paper.forget()


def links(body: bytes, suffix: str) -> dict[str, str]:
    """Links of the document by relation, whatever the format."""
    if suffix == "json":
        said = json.loads(body)
        named = {
            "prev-archive": said.get("next_url"),
            "self": said["feed_url"],
            **said.get("_aggregator", {}),
        }
        named["next-archive"] = named.pop("newer", None)
        wanted = ("self", "current", "prev-archive", "next-archive")
        return {rel: named[rel] for rel in wanted if named.get(rel)}
    root = etree.fromstring(body)
    found = root if suffix == "atom" else root[0]
    return {
        link.get("rel"): link.get("href")
        for link in found.findall(f"{ATOM}link")
        if link.get("rel") != "alternate"
    }


def ids(body: bytes, suffix: str) -> set[str]:
    if suffix == "json":
        return {item["id"] for item in json.loads(body)["items"]}
    root = etree.fromstring(body)
    return {
        e.text
        for e in (root.iter(f"{ATOM}id") if suffix == "atom" else root.iter("guid"))
        if "tag:" in e.text
    }


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_whoever_slept_for_a_month_finds_everything_by_following_links(past, suffix):
    url, found, seen = f"{BASE}/feeds/front-page.{suffix}", set(), []
    while url:
        response = past.get(url.removeprefix(BASE))
        assert (response.status_code, check(response.data, response.headers["Content-Type"])) == (200, [])
        seen.append(url.removeprefix(BASE))
        found |= ids(response.data, suffix)
        assert links(response.data, suffix)["self"] == url
        url = links(response.data, suffix).get("prev-archive")
    assert found == {f"tag:test,2026:n{number}" for number in range(1, 11)}
    assert seen[1:] == [f"/feeds/front-page/archive/{n}.{suffix}" for n in (3, 2, 1)]


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_an_archive_says_where_it_stands(past, suffix):
    there = {
        "self": f"{BASE}/feeds/front-page/archive/2.{suffix}",
        "current": f"{BASE}/feeds/front-page.{suffix}",
        "prev-archive": f"{BASE}/feeds/front-page/archive/1.{suffix}",
        "next-archive": f"{BASE}/feeds/front-page/archive/3.{suffix}",
    }
    response = past.get(f"/feeds/front-page/archive/2.{suffix}")
    assert links(response.data, suffix) == there
    assert all(f'<{url}>; rel="{rel}"' in response.headers["Link"] for rel, url in there.items())
    if suffix != "json":
        assert len(list(etree.fromstring(response.data).iter(ARCHIVE))) == 1
        live = etree.fromstring(past.get(f"/feeds/front-page.{suffix}").data)
        assert list(live.iter(ARCHIVE)) == []


def test_live_document_names_its_newest_archive_in_a_header(past):
    response = past.get("/feeds/front-page.atom")
    assert f'<{BASE}/feeds/front-page/archive/3.atom>; rel="prev-archive"' in response.headers["Link"]


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_a_closed_archive_is_the_same_whatever_comes_and_whatever_is_edited(past, suffix):
    path = f"/feeds/front-page/archive/2.{suffix}"
    before = past.get(path)
    bring(past, 11)
    bring(past, 5, content="<p>Edited long after</p>")
    past.desk._rendered._kept.clear()
    after = past.get(path)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert after.headers["Last-Modified"] == before.headers["Last-Modified"]
    assert b"Edited long after" not in after.data


def test_an_archive_may_be_kept_for_a_week_and_answers_conditional_requests(past):
    response = past.get("/feeds/front-page/archive/1.atom")
    assert "max-age=604800" in response.headers["Cache-Control"]
    again = past.get("/feeds/front-page/archive/1.atom", If_None_Match=response.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_the_newest_archive_learns_its_successor_and_nothing_else(past):
    before = past.get("/feeds/front-page/archive/3.atom").data
    for number in (11, 12):
        bring(past, number)
    after = past.get("/feeds/front-page/archive/3.atom").data
    successor = re.compile(rb'<link rel="next-archive"[^>]*/>')
    assert (len(successor.findall(before)), len(successor.findall(after))) == (0, 1)
    assert successor.sub(b"", after) == before


def test_archives_that_never_were_are_not_found(past):
    for name in ("0.atom", "4.atom", "99999999999999.atom", "1.xml", "x.atom", "-1.atom", "01.atom", "1"):
        assert past.get(f"/feeds/front-page/archive/{name}").status_code == 404, name
    assert past.get("/feeds/nobody/archive/1.atom").status_code == 404


def test_no_document_says_it_is_complete(past):
    for path in ("/feeds/front-page.atom", "/feeds/front-page/archive/1.atom", "/sources/harbour-herald.rss"):
        assert COMPLETE not in past.get(path).data


def test_a_narrowed_feed_has_no_archives_of_the_whole_one(past):
    body = past.get("/feeds/front-page.atom?q=barge").data
    assert "prev-archive" not in links(body, "atom")


def test_a_withdrawn_article_is_a_tombstone_in_feeds_and_gone_as_a_page(past):
    withdraw(past, 5)
    for path in (
        "/feeds/front-page.atom",
        "/feeds/front-page/archive/2.atom",
        "/sources/harbour-herald.atom",
    ):
        body = past.get(path).data
        assert check(body, "application/atom+xml") == []
        (deleted,) = etree.fromstring(body).iter(DELETED)
        assert (deleted.get("ref"), deleted.get("when")) == ("tag:test,2026:n5", "2026-03-31T12:00:00Z")
        assert "tag:test,2026:n5" not in ids(body, "atom")
    said = json.loads(past.get("/feeds/front-page.json").data)["_aggregator"]["withdrawn"]
    assert said == [{"id": "tag:test,2026:n5", "at": "2026-03-31T12:00:00Z"}]
    assert b"deleted-entry" not in past.get("/feeds/front-page/archive/1.atom").data
    assert past.get("/articles/5").status_code == 410


def withdraw(paper: Paper, number: int) -> None:
    at = NOW + timedelta(days=30)
    claim = claim_one(paper.engine, "harbour-herald", at)
    published = NOW + timedelta(days=3 * number)
    taken = admission(
        claim,
        entry(f"n{number}", title=f"Barge {number}", published=published),
        article_id=number,
        first_seen=published,
        sort_date=published,
        state=ArticleState.WITHDRAWN,
    )
    store(paper.engine, poll(claim, placed(taken), at=at))
    paper.forget()


def test_removed_feeds_topics_and_sources_are_gone_and_unknown_ones_not_found(past):
    apply(past.engine, Configuration(site=SITE, feeds=(Feed(slug="other", title="Other"),)))
    past.forget()
    for path in ("/feeds/front-page", "/topics/tide", "/sources/harbour-herald"):
        for suffix in ("", ".atom", ".rss", ".json"):
            assert past.get(path + suffix).status_code == 410, path + suffix
    assert past.get("/feeds/front-page/archive/1.atom").status_code == 410
    assert past.get("/feeds/never.atom").status_code == 404


def test_renamed_feeds_answer_with_where_they_live_now(past):
    moved = replace(
        CONFIGURATION.feeds[0], slug="home", aliases=("/feeds/front-page", "/rss20.xml", "/blog/feed")
    )
    topic = replace(CONFIGURATION.topics[0], slug="water", aliases=("/topics/tide",))
    apply(past.engine, replace(CONFIGURATION, feeds=(moved,), topics=(topic,)))
    past.forget()
    for old, new in {
        "/feeds/front-page": "/feeds/home",
        "/feeds/front-page.json": "/feeds/home.json",
        "/feeds/front-page.atom?q=barge&x=1": "/feeds/home.atom?q=barge",
        "/feeds/front-page/archive/2.rss": "/feeds/home/archive/2.rss",
        "/rss20.xml": "/feeds/home.rss",
        "/blog/feed": "/feeds/home.atom",
        "/blog/feed/": "/feeds/home.atom",
        "/topics/tide.rss": "/topics/water.rss",
    }.items():
        response = past.get(old, Host="evil.example")
        assert (response.status_code, response.headers.get("Location")) == (301, BASE + new), old
        # a browser that asks for leave to ask conditionally follows nothing
        allowed = past.client.options(old, headers={"Access-Control-Request-Method": "GET"})
        assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, "*"), old
    assert past.get("/feeds/home/archive/2.atom").status_code == 200


def test_a_site_below_a_path_says_so_in_every_link(sqlite_engine):
    below = replace(
        CONFIGURATION,
        site=replace(SITE, url="https://example.org/planet"),
        feeds=(replace(CONFIGURATION.feeds[0], aliases=("/old.xml",)),),
    )
    paper = open_paper(sqlite_engine, below, is_filled=False)
    for number in range(1, 11):
        bring(paper, number)
    for base in ("", "/planet"):
        body = paper.get(f"{base}/feeds/front-page/archive/2.atom").data
        assert set(links(body, "atom").values()) == {
            "https://example.org/planet/feeds/front-page.atom",
            *(f"https://example.org/planet/feeds/front-page/archive/{n}.atom" for n in (1, 2, 3)),
        }
        moved = paper.get(f"{base}/old.xml")
        assert moved.headers["Location"] == "https://example.org/planet/feeds/front-page.rss"
