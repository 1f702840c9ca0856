"""What stays small however many sources there are, and however often anybody asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from lxml import etree
from sqlalchemy import Engine, event

from aggregator.web import roster, status
from tests.store.making import apply, source
from tests.web.paper import CONFIGURATION, Paper, open_paper

NAMES = [f"Paper {number:02}" for number in range(23)]


@pytest.fixture
def many(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """A paper made of 23 sources, of which a page shows five."""
    paper = open_paper(sqlite_engine, is_filled=False)
    apply(sqlite_engine, replace(CONFIGURATION, sources=tuple(source(name) for name in NAMES)))
    paper.forget()
    monkeypatch.setattr(roster, "PIECE", 5)
    monkeypatch.setattr(status, "PIECE", 5)
    monkeypatch.setattr(status, "MANY", 5)
    return paper


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that the database is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/sources", "/about/sources", "/status"])
def test_lists_of_sources_lead_from_page_to_page_through_all(many: Paper, path: str) -> None:
    seen: list[str] = []
    following: str | None = path
    while following:
        shown = many.get(following)
        assert shown.status_code == 200
        names = re.findall(r"Paper \d\d", shown.text)
        assert len(set(names)) <= 5
        seen += dict.fromkeys(names)
        found = re.search(r'rel="next" href="([^"]+)"', shown.text)
        following = found[1] if found else None
    assert sorted(set(seen) & set(NAMES)) == NAMES
    assert len([name for name in seen if name in NAMES]) == len(NAMES)


def test_the_status_for_machines_comes_in_parts_with_figures_of_all(many: Paper) -> None:
    first = many.get("/status.json").json
    assert first["counts"]["new"] == len(NAMES)
    told, answer = list(first["sources"]), first
    while answer["next"]:
        answer = many.get(answer["next"].removeprefix(CONFIGURATION.site.url.rstrip("/"))).json
        assert answer["counts"] == first["counts"]
        told += answer["sources"]
    assert [one["name"] for one in told] == NAMES


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "9" * 30])
def test_a_page_of_the_status_that_does_not_exist_is_no_error(many: Paper, page: str) -> None:
    assert many.get(f"/status?page={page}").status_code == 200


def test_the_list_for_readers_holds_all_sources_at_once(many: Paper) -> None:
    outlines = etree.fromstring(many.get("/opml/sources.opml").data).iter("outline")
    assert [outline.get("title") for outline in outlines] == NAMES


def test_a_list_for_readers_is_made_once_for_many_that_ask(many: Paper) -> None:
    many.get("/opml/sources.opml")
    with counting(many.engine) as asked:
        for _ in range(20):
            assert many.get("/opml/sources.opml").status_code == 200
    assert asked == []


def test_a_feed_s_version_is_read_once_in_a_second_however_many_ask(paper: Paper) -> None:
    paths = [f"/feeds/front-page.{suffix}" for suffix in ("atom", "rss", "json")]
    tags = {path: paper.get(path).headers["ETag"] for path in paths}
    with counting(paper.engine) as asked:
        for _ in range(30):
            for path in paths:
                assert paper.get(path).status_code == 200
                assert paper.get(path, If_None_Match=tags[path]).status_code == 304
    assert asked == [], "time stands still, and nothing is read again"
    paper.forget()
    with counting(paper.engine) as asked:
        for path in paths * 30:
            assert paper.get(path, If_None_Match=tags[path]).status_code == 304
    assert len([statement for statement in asked if "feeds.slug = " in statement]) == 1
    assert len([statement for statement in asked if statement != "BEGIN"]) == 5, (
        "the head, and how all stands"
    )
    assert not any("bodies" in statement for statement in asked), "a 304 touches no article"


def test_the_front_page_reads_no_feed_of_a_source(many: Paper) -> None:
    many.desk.forget()
    with counting(many.engine) as asked:
        many.get("/")
    heads = [statement for statement in asked if "AS feed_settings" in statement]
    assert heads
    assert all("feeds.kind IN" in statement for statement in heads)
