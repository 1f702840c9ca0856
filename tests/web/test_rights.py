"""What publishers and the owner of the paper allow shows in every document and header."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aggregator.model import Feed
from tests.store.making import source
from tests.web.paper import CONFIGURATION, open_paper

ASKED = replace(
    CONFIGURATION,
    sources=(
        source("Harbour Herald", noindex=True, rights="All rights reserved", content="summary"),
        source("Tide Tribune", content="link"),
    ),
    feeds=(
        Feed(slug="front-page", title="Front page", rights="CC BY 4.0"),
        Feed(slug="quiet", title="Quiet", noindex=True),
        Feed(slug="empty", title="Nothing"),
    ),
)


@pytest.fixture
def paper(sqlite_engine):
    return open_paper(sqlite_engine, ASKED)


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_search_engines_are_asked_to_leave_out_what_a_source_wants_left_out(paper, suffix):
    for path in ("/feeds/front-page", "/sources/harbour-herald", "/feeds/quiet", "/authors/ada-lock"):
        for headers in ({}, {"If_None_Match": "*"}):
            assert paper.get(f"{path}.{suffix}", **headers).headers["X-Robots-Tag"] == "noindex", path
    for path in ("/sources/tide-tribune", "/topics/tide", "/feeds/empty"):
        assert "X-Robots-Tag" not in paper.get(f"{path}.{suffix}").headers, path


def test_pages_ask_too_in_header_and_markup(paper):
    for path, is_asked in {"/articles/1": True, "/sources/harbour-herald": True, "/feeds/quiet": True,
                           "/articles/4": False, "/topics/tide": False, "/": False}.items():  # fmt: skip
        response = paper.get(path)
        assert (response.headers.get("X-Robots-Tag") == "noindex") == is_asked, path
        assert (b'name="robots" content="noindex"' in response.data) == is_asked, path


def test_rights_of_feed_and_source_stand_in_every_format(paper):
    atom, rss, said = (paper.get(f"/feeds/front-page.{s}").data for s in ("atom", "rss", "json"))
    assert b"<rights>CC BY 4.0</rights>" in atom
    assert b"<copyright>CC BY 4.0</copyright>" in rss
    assert json.loads(said)["_aggregator"]["rights"] == "CC BY 4.0"
    for body in (atom, rss, said):
        assert b"All rights reserved" in paper.get("/sources/harbour-herald.atom").data
        assert body.count(b"CC BY 4.0") >= 2


def test_no_more_is_given_than_the_source_allows_in_any_document(paper):
    for suffix in ("atom", "rss", "json"):
        body = paper.get(f"/sources/tide-tribune.{suffix}").data
        assert b"The tide turns" not in body
    assert b"The tide turns" not in paper.get("/articles/4").data
