"""Feeds over HTTP, read from a real store."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import brotli
import feedparser
import pytest

from aggregator.config.addresses import check_base_url
from aggregator.publish.addresses import FORMATS, MEDIA_TYPES
from tests.publish.validity import check
from tests.store.making import NOW, apply, arrive, entry
from tests.web.paper import CONFIGURATION, SITE, open_paper

ADDRESSES = ("/feeds/front-page", "/feeds/empty", "/topics/tide", "/sources/harbour-herald")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("suffix", FORMATS)
def test_every_feed_is_served_in_every_format(paper, address, suffix):
    response = paper.get(f"{address}.{suffix}")
    assert response.status_code == 200
    assert response.mimetype == MEDIA_TYPES[suffix]
    assert check(response.data, response.mimetype) == []


def test_a_reader_sees_the_articles_newest_first(paper):
    entries = feedparser.parse(paper.get("/feeds/front-page.atom").data).entries
    assert [one.title for one in entries] == [f"Barge {number} <passes> & goes" for number in (1, 2, 3, 4, 5)]
    topic = feedparser.parse(paper.get("/topics/tide.rss").data).entries
    assert [one.id for one in topic] == ["tag:test,2026:n4", "tag:test,2026:n5"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_codings_carry_the_same_document(paper, suffix):
    plain = paper.get(f"/feeds/front-page.{suffix}", Accept_Encoding="identity")
    zipped = paper.get(f"/feeds/front-page.{suffix}", Accept_Encoding="gzip")
    brotlied = paper.get(f"/feeds/front-page.{suffix}", Accept_Encoding="br")
    assert gzip.decompress(zipped.data) == plain.data == brotli.decompress(brotlied.data)
    assert len({one.headers["ETag"] for one in (plain, zipped, brotlied)}) == 3


def test_a_validator_brings_304_until_something_arrives(paper):
    first = paper.get("/feeds/front-page.atom")
    again = paper.get("/feeds/front-page.atom", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    arrive(paper.engine, "harbour-herald", entry("n9", published=NOW), feeds=["front-page"])
    paper.forget()
    changed = paper.get("/feeds/front-page.atom", If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert b"n9" in changed.data


def test_two_processes_serve_the_same_bytes_and_tags(paper):
    other = open_paper(paper.engine, is_filled=False)
    for suffix in FORMATS:
        ours, theirs = paper.get(f"/feeds/front-page.{suffix}"), other.get(f"/feeds/front-page.{suffix}")
        assert ours.data == theirs.data
        assert ours.headers["ETag"] == theirs.headers["ETag"]


@pytest.mark.parametrize(("accept", "suffix"), [(MEDIA_TYPES[suffix], suffix) for suffix in FORMATS])
def test_an_address_without_suffix_gives_the_feed_that_is_named(paper, accept, suffix):
    response = paper.get("/feeds/front-page", Accept=accept)
    assert response.mimetype == MEDIA_TYPES[suffix]
    assert response.headers["Vary"] == "Accept-Encoding, Accept"
    assert response.headers["Content-Location"] == f"https://gazette.example/feeds/front-page.{suffix}"
    assert response.data == paper.get(f"/feeds/front-page.{suffix}").data


def test_an_address_without_suffix_gives_browsers_the_page(paper):
    response = paper.get("/feeds/front-page", Accept="text/html,*/*;q=0.8")
    assert response.mimetype == "text/html"
    assert "Accept" in response.headers["Vary"].split(", ")


@pytest.mark.parametrize("address", [*ADDRESSES, "/", "/opml/feeds.opml"])
def test_head_has_the_headers_of_get(paper, address):
    get, head = paper.client.get(address), paper.client.head(address)
    assert head.data == b""
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize("address", ["/feeds/front-page.atom", "/feeds/front-page", "/"])
def test_writing_is_refused_with_what_is_allowed(paper, method, address):
    response = getattr(paper.client, method)(address)
    assert response.status_code == 405
    assert {"GET", "HEAD"} <= {one.strip() for one in response.headers["Allow"].split(",")}


def test_links_lead_to_the_page_and_the_other_formats(paper):
    link = paper.get("/feeds/front-page.rss").headers["Link"]
    assert '<https://gazette.example/feeds/front-page.rss>; rel="self"; type="application/rss+xml"' in link
    assert '<https://gazette.example/feeds/front-page>; rel="alternate"; type="text/html"' in link
    assert (
        '<https://gazette.example/feeds/front-page.json>; rel="alternate"; type="application/feed+json"'
        in link
    )


@pytest.mark.parametrize(
    "address", ["/feeds/no", "/feeds/no.atom", "/topics/front-page.rss", "/feeds/x.xml", "/sources/.atom"]
)
def test_what_is_not_published_is_404(paper, address):
    assert paper.get(address).status_code == 404


def test_no_answer_ever_sets_a_cookie(paper):
    for address in (*ADDRESSES, "/", "/status", "/search?q=tide", "/no", "/feeds/front-page.atom"):
        assert "Set-Cookie" not in paper.get(address).headers


def test_the_host_header_reaches_no_answer(paper):
    for address in (*ADDRESSES, "/", "/feeds/front-page.atom", "/opml/feeds.opml", "/no"):
        response = paper.get(
            address, Host="evil.example", X_Forwarded_Host="evil.example", X_Forwarded_Proto="gopher"
        )
        assert b"evil.example" not in response.data
        assert "evil.example" not in str(response.headers)


def test_a_site_under_a_path_is_served_with_and_without_it(sqlite_engine):
    site = replace(SITE, url="https://gazette.example/planet")
    planet = open_paper(sqlite_engine, replace(CONFIGURATION, site=site))
    kept, dropped = planet.get("/planet/feeds/front-page.json"), planet.get("/feeds/front-page.json")
    assert kept.data == dropped.data
    assert json.loads(kept.data)["feed_url"] == "https://gazette.example/planet/feeds/front-page.json"
    assert b'href="/planet/topics/tide"' in planet.get("/planet").data
    assert planet.get("/planetary").status_code == 404


def test_a_source_with_a_new_handle_is_found_under_its_old_one(paper):
    herald = replace(CONFIGURATION.sources[0], id="river-herald")
    apply(paper.engine, replace(CONFIGURATION, sources=(herald, CONFIGURATION.sources[1])))
    paper.forget()
    for suffix in ("", ".atom"):
        response = paper.get(f"/sources/harbour-herald{suffix}")
        assert response.status_code == 301
        assert response.headers["Location"] == f"https://gazette.example/sources/river-herald{suffix}"
        assert paper.get(f"/sources/river-herald{suffix}").status_code == 200


def test_lists_of_feeds_and_sources_are_valid(paper):
    for name in ("feeds", "sources"):
        response = paper.get(f"/opml/{name}.opml")
        assert check(response.data, response.mimetype) == []
    assert b"https://gazette.example/topics/tide.atom" in paper.get("/opml/feeds.opml").data
    assert b"https://harbour-herald.example/feed" in paper.get("/opml/sources.opml").data


def test_unknown_parameters_change_nothing(paper):
    plain, noisy = paper.get("/feeds/front-page.atom"), paper.get("/feeds/front-page.atom?utm_source=x&y[]=1")
    assert (plain.data, plain.headers["ETag"]) == (noisy.data, noisy.headers["ETag"])


@pytest.mark.parametrize(
    "path", ["/feeds/front-page.atom", "/topics/tide.json", "/opml/feeds.opml", "/search.rss?q=x"]
)
def test_a_reader_in_a_browser_may_ask_conditionally(paper, path):
    asked = {
        "Origin": "https://reader.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-modified-since,if-none-match",
    }
    allowed = paper.client.options(path, headers=asked)
    assert allowed.status_code in (200, 204)
    assert allowed.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in allowed.headers["Access-Control-Allow-Methods"]
    named = allowed.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
    assert {"if-none-match", "if-modified-since"} <= set(named)
    assert "Access-Control-Allow-Credentials" not in allowed.headers


def test_a_reader_in_a_browser_is_told_that_a_feed_is_no_more(paper):
    for path in ("/feeds/nowhere.atom", "/feeds/front-page.atom?limit=0"):
        answer = paper.get(path, Origin="https://reader.example")
        assert answer.status_code in (400, 404)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_site_with_a_name_in_any_letters_is_named_and_found_in_ascii(sqlite_engine):
    url = check_base_url("https://新闻.example:8443/日报/")
    paper = open_paper(sqlite_engine, replace(CONFIGURATION, site=replace(SITE, url=url)))
    for path in ("/日报/feeds/front-page.atom", "/feeds/front-page.atom"):
        answer = paper.get(path)
        assert answer.status_code == 200
        assert answer.headers["Link"].startswith(
            "<https://xn--efvy88h.example:8443/%E6%97%A5%E6%8A%A5/feeds/front-page.atom>;"
        )
        assert answer.headers["Link"].isascii()
    assert paper.get("/日报/").status_code == 200
