"""What somebody signed, as a feed of its own."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from aggregator.model import Person, Rewrite
from aggregator.pipeline.editing import mark_article
from aggregator.publish.addresses import author_path
from tests.publish.validity import check
from tests.store.making import NOW, arrive, entry
from tests.web.paper import CONFIGURATION, open_paper


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_an_author_has_a_feed_in_every_format(paper, suffix):
    response = paper.get(f"/authors/ada-lock.{suffix}")
    assert (response.status_code, check(response.data, response.headers["Content-Type"])) == (200, [])
    assert response.data.count(b"tag:test,2026:n") >= 5


def test_an_author_has_a_page_that_links_to_the_feeds(paper):
    page = paper.get("/authors/ada-lock").data.decode()
    assert re.search(r"<h1[^>]*>Ada Lock</h1>", page)
    assert "https://gazette.example/authors/ada-lock.atom" in page


def test_a_new_article_changes_the_feed_and_another_author_does_not(paper):
    before = paper.get("/authors/ada-lock.json")
    arrive(paper.engine, "harbour-herald", entry("z1", authors=(Person("Someone Else"),)))
    paper.forget()
    assert paper.get("/authors/ada-lock.json").headers["ETag"] == before.headers["ETag"]
    arrive(paper.engine, "harbour-herald", entry("z2", authors=(Person("ADA LÖCK"), Person("Bo"))))
    paper.forget()
    after = paper.get("/authors/ada-lock.json")
    assert after.headers["ETag"] != before.headers["ETag"]
    assert json.loads(after.data)["items"][0]["id"] == "tag:test,2026:z2"


def test_what_an_editor_says_of_a_signed_article_changes_the_feed(paper):
    before = paper.get("/authors/ada-lock.json")
    number = next(item for item in json.loads(before.data)["items"] if item["id"] == "tag:test,2026:n1")
    mark_article(paper.engine, number["id"], "note", who="Ada", now=NOW, words="We went there.")
    paper.forget()
    after = paper.get("/authors/ada-lock.json")
    assert b"We went there." in after.data
    assert after.headers["ETag"] != before.headers["ETag"]


def test_an_article_that_is_signed_otherwise_later_changes_hands(paper):
    arrive(paper.engine, "harbour-herald", entry("z", authors=(Person("Bo Bridge"),)))
    assert paper.get("/authors/bo-bridge.atom").status_code == 200
    arrive(paper.engine, "harbour-herald", entry("z", authors=(Person("Cy Creek"),)), at=NOW)
    paper.forget()
    assert paper.get("/authors/bo-bridge.atom").status_code == 404
    assert paper.get("/authors/cy-creek.atom").status_code == 200


def test_narrowing_looks_through_what_was_signed(paper):
    body = paper.get("/authors/ada-lock.json?q=title:barge AND -tide&limit=2").data
    assert [item["title"] for item in json.loads(body)["items"]] == [
        "Barge 1 <passes> & goes",
        "Barge 2 <passes> & goes",
    ]


def test_nobody_is_not_found(paper):
    for path in ("/authors/nobody", "/authors/nobody.atom", "/authors/", "/authors/" + "a" * 300):
        assert paper.get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Ada Lock", "/authors/ada-lock"),
        ("  Åsa  ÖSTBERG ", "/authors/asa-ostberg"),
        ("", None),
        ("…", None),
    ],
)
def test_a_name_leads_to_a_path(name, path):
    assert author_path(name) == path


def test_names_in_other_scripts_have_paths_of_their_own():
    paths = {author_path(name) for name in ("李雷", "韩梅梅", "Анна Ахматова", "李 Lee-Ann")}
    assert len(paths) == 4
    assert all(path and path.startswith("/authors/") for path in paths)


def test_whoever_signs_is_linked_from_lists_and_articles(paper):
    for address in ("/", "/feeds/front-page", "/articles/1", "/sources/harbour-herald"):
        assert '<a href="/authors/ada-lock"><bdi>Ada Lock</bdi></a>' in paper.get(address).data.decode()


def test_a_name_given_by_a_rule_leads_nowhere(sqlite_engine):
    herald, tribune = CONFIGURATION.sources
    named = replace(herald, rewrite=Rewrite(author="The Desk"))
    paper = open_paper(sqlite_engine, replace(CONFIGURATION, sources=(named, tribune)))
    page = paper.get("/articles/1").data.decode()
    assert "<bdi>The Desk</bdi>" in page
    assert "/authors/the-desk" not in page
