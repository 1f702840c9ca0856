"""Story pages and articles as JSON."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import pytest
from sqlalchemy import Engine

from aggregator.web.app import create_app
from aggregator.web.stories import distinct
from tests.newsroom import BRIDGE, PAPERS, Newsroom


@pytest.fixture
def newsroom(engine: Engine, tmp_path: Path) -> Newsroom:
    room = Newsroom(engine, tmp_path, "{front: {duplicates: story}}")
    room.print_bridge()
    return room


def test_story_page_tells_who_reports_it_and_how_headlines_differ(newsroom: Newsroom) -> None:
    client = create_app(newsroom.engine).test_client()
    answer = client.get(f"/stories/{newsroom.ids()[BRIDGE['courier'][0]]}")
    page = lxml.html.document_fromstring(answer.data)
    lines = [" ".join(one.text_content().split()) for one in page.xpath("//main//ol/li")]
    assert [paper for paper, line in zip(PAPERS, lines, strict=True) if paper in line] == list(PAPERS)
    marked = " ".join(page.xpath("//mark/text()"))
    assert "alarm" in marked
    assert "Lambourne" not in marked


def test_story_that_is_none_is_not_found(newsroom: Newsroom) -> None:
    client = create_app(newsroom.engine).test_client()
    assert client.get("/stories/999").status_code == 404
    assert client.get(f"/stories/{2**64}").status_code == 404


def test_article_as_json_names_its_coverage(newsroom: Newsroom) -> None:
    client = create_app(newsroom.engine).test_client()
    answer = client.get(f"/articles/{newsroom.ids()[BRIDGE['courier'][0]]}.json")
    assert answer.mimetype == "application/json"
    assert [one["source"] for one in answer.json["related"]] == ["metropole", "gazette"]
    assert client.get("/articles/999.json").status_code == 404


def test_words_of_one_headline_alone_are_marked() -> None:
    first, second = distinct(["Bridge shut today", "Bridge closed"])
    assert [part for part, own in first if own] == ["shut today"]
    assert [part for part, own in second if own] == ["closed"]
    first, second = distinct(["The princess’s ring", "L’anneau de la princess"])
    assert [part for part, own in first if own] == ["The", "ring"]
    assert [part for part, own in second if own] == ["L’anneau de la"]
    assert distinct(["Alone in it"]) == [(("Alone in it", False),)]


def test_front_page_and_article_page_lead_to_the_story(newsroom: Newsroom) -> None:
    client = create_app(newsroom.engine).test_client()
    first = newsroom.ids()[BRIDGE["courier"][0]]
    for page in ("/", "/feeds/front", f"/articles/{newsroom.ids()[BRIDGE['metropole'][0]]}"):
        answer = client.get(page, headers={"Accept": "text/html"})
        assert f'href="/stories/{first}"' in answer.text, page
        assert "3 reports" in answer.text, page
