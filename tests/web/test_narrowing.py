"""?q= and ?limit= on every feed, and searches as feeds."""

from __future__ import annotations

import feedparser
import pytest

from aggregator.model import ArticleState
from aggregator.publish.addresses import FORMATS
from tests.publish.validity import check
from tests.store.making import NOW, admission, arrive, claim_one, entry, placed, poll, store

ADDRESSES = ("/feeds/front-page", "/topics/tide", "/sources/harbour-herald")


def ids(response):
    assert response.status_code == 200
    assert check(response.data, response.mimetype) == []
    return [one.id[-2:] for one in feedparser.parse(response.data).entries]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_narrowed_feed_is_valid(paper, address, suffix):
    response = paper.get(f"{address}.{suffix}?q=barge+-%22turns+the%22&limit=3")
    assert response.status_code == 200
    assert check(response.data, response.mimetype) == []


def test_a_question_narrows_a_feed(paper):
    assert ids(paper.get("/feeds/front-page.atom")) == ["n1", "n2", "n3", "n4", "n5"]
    assert ids(paper.get("/feeds/front-page.atom?q=tide")) == ["n4", "n5"]
    assert ids(paper.get("/feeds/front-page.atom?q=source:harbour-herald+-has:image&limit=1")) == ["n1"]
    assert ids(paper.get("/feeds/front-page.rss?limit=2")) == ["n1", "n2"]
    assert ids(paper.get("/feeds/front-page.atom?q=zebra")) == []


def test_a_search_is_a_feed(paper):
    assert ids(paper.get("/search.atom?q=tide")) == ["n4", "n5"]
    assert ids(paper.get("/search.rss?q=barge&limit=1")) == ["n1"]
    links = paper.get("/search?q=tide").data.decode()
    assert "https://gazette.example/search.atom?q=tide" in links


def test_what_was_never_announced_takes_no_place_in_the_feed_of_a_search(paper):
    claim = claim_one(paper.engine, "tide-tribune")
    old = admission(claim, entry("n0", title="Barge 0", published=NOW), state=ArticleState.SILENT)
    store(paper.engine, poll(claim, placed(old)))
    paper.forget()
    assert "Barge 0" in paper.get("/search?q=barge").data.decode()
    assert ids(paper.get("/search.atom?q=barge&limit=2")) == ["n1", "n2"]


def test_a_narrowed_feed_is_a_feed_of_its_own(paper):
    whole, narrow = paper.get("/feeds/front-page.atom"), paper.get("/feeds/front-page.atom?q=tide")
    other = paper.get("/feeds/front-page.atom?q=barge")
    heads = [feedparser.parse(one.data).feed for one in (whole, narrow, other)]
    assert (
        len({head.id for head in heads}) == len({one.headers["ETag"] for one in (whole, narrow, other)}) == 3
    )
    assert heads[1].title == "Front page: tide"
    links = {link.rel: link.href for link in heads[1].links}
    assert links["self"] == "https://gazette.example/feeds/front-page.atom?q=tide"
    assert links["alternate"] == "https://gazette.example/feeds/front-page?q=tide"


def test_a_narrowed_feed_answers_conditionally_until_something_arrives(paper):
    for address in ("/feeds/front-page.atom?q=barge", "/search.atom?q=barge"):
        first = paper.get(address)
        assert paper.get(address, If_None_Match=first.headers["ETag"]).status_code == 304
    arrive(paper.engine, "harbour-herald", entry("n9", title="Barge 9", published=NOW), feeds=["front-page"])
    paper.forget()
    for address in ("/feeds/front-page.atom?q=barge", "/search.atom?q=barge"):
        assert "n9" in ids(paper.get(address))


def test_an_address_without_suffix_can_be_narrowed_too(paper):
    response = paper.get("/feeds/front-page?q=tide", Accept="application/atom+xml")
    assert ids(response) == ["n4", "n5"]
    page = paper.get("/feeds/front-page?q=tide").data
    assert (page.count(b"<article"), page.count(b"q=tide")) == (2, 11)
    assert response.headers["Content-Location"] == "https://gazette.example/feeds/front-page.atom?q=tide"


def test_parameters_that_ask_for_nothing_are_ignored(paper):
    plain = paper.get("/feeds/front-page.atom")
    for noise in ("?q=", "?limit=", "?q=%20&utm=1", "?Q=tide"):
        assert paper.get(f"/feeds/front-page.atom{noise}").headers["ETag"] == plain.headers["ETag"]


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "limit=-1", "limit=201", "limit=x", "limit=1e2", "limit=%D9%A3", "limit=" + "9" * 40,
     "q=a+and+b", "q=%22open", "q=nofield:x", "q=" + "a" * 2000, "q=/(/", "q=%3Cscript%3E(("],
)  # fmt: skip
@pytest.mark.parametrize("address", ["/feeds/front-page.atom", "/search.atom"])
def test_what_cannot_be_served_is_400_with_a_sentence(paper, address, asked):
    response = paper.get(f"{address}?{asked}")
    assert response.status_code == 400
    assert b"cannot be read" in response.data
    assert b"<script" not in response.data


def test_a_search_without_a_question_is_400(paper):
    assert paper.get("/search.atom").status_code == 400
    assert paper.get("/search.atom?limit=3").status_code == 400
