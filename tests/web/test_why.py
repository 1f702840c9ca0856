"""The page that explains an article, on the real app."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from aggregator.model import Feed
from aggregator.pipeline.editing import mark_article
from aggregator.store.engine import writing
from aggregator.store.tables import articles, placements
from aggregator.web import desk as web_desk
from tests.store.making import NOW
from tests.web.paper import CONFIGURATION, open_paper


def test_page_of_an_article_leads_to_its_explanation(sqlite_engine: Engine) -> None:
    paper = open_paper(sqlite_engine)
    assert "/articles/1/why" in paper.get("/articles/1").text
    shown = paper.get("/articles/1/why")
    assert shown.status_code == 200
    assert "<passes>" not in shown.text
    assert "a poll of harbour-herald brought it" in shown.text
    assert "no tide*" in shown.text


def test_what_was_decided_by_hand_is_told(sqlite_engine: Engine) -> None:
    paper = open_paper(sqlite_engine)
    mark_article(sqlite_engine, "1", "pick", who="Ada <i>", now=NOW)
    assert "Ada &lt;i&gt;: pick" in paper.get("/articles/1/why").text


def test_what_may_not_be_shown_is_not_explained(sqlite_engine: Engine) -> None:
    paper = open_paper(sqlite_engine)
    mark_article(sqlite_engine, "1", "hide", who="Ada", now=NOW)
    mark_article(sqlite_engine, "2", "withdraw", who="Ada", now=NOW)
    answers = [paper.get(f"/articles/{n}/why").status_code for n in (1, 2, 999, 10**30)]
    assert answers == [404, 410, 404, 404]


def test_note_of_an_editor_stands_on_the_page_and_in_every_format(sqlite_engine: Engine) -> None:
    paper = open_paper(sqlite_engine)
    mark_article(sqlite_engine, "1", "note", who="Ada", now=NOW, words="It was <two> barges.")
    paper.forget()
    assert "It was &lt;two&gt; barges." in paper.get("/articles/1").text
    for suffix in ("atom", "rss", "json"):
        assert "barges." in paper.get(f"/feeds/front-page.{suffix}").text
    items = paper.get("/feeds/front-page.json").get_json()["items"]
    said = "<p><em>It was &lt;two&gt; barges.</em></p>"
    assert said in [item["content_html"][: len(said)] for item in items]


def test_an_explanation_is_made_once_and_anew_when_an_editor_decides(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = open_paper(sqlite_engine)
    made: list[str] = []
    explain = web_desk.explain_article
    monkeypatch.setattr(
        web_desk, "explain_article", lambda *words: (made.append(words[2]), explain(*words))[1]
    )
    for _ in range(3):
        paper.get("/articles/1/why")
    assert made == ["1"]
    mark_article(sqlite_engine, "1", "pick", who="Ada", now=NOW)
    paper.forget()
    assert "Ada: pick" in paper.get("/articles/1/why").text
    assert made == ["1", "1"]


def test_a_note_on_an_article_of_no_feed_stands_on_its_page_at_once(sqlite_engine: Engine) -> None:
    paper = open_paper(sqlite_engine)
    with writing(sqlite_engine) as connection:  # as of an older one of a first import
        connection.execute(placements.delete().where(placements.c.article_id == 1))
        connection.execute(articles.update().where(articles.c.id == 1).values(state="silent"))
    paper.forget()
    assert "Mind the gap." not in paper.get("/articles/1").text
    mark_article(sqlite_engine, "1", "note", who="Ada", now=NOW, words="Mind the gap.")
    paper.forget()
    assert "Mind the gap." in paper.get("/articles/1").text


def test_feeds_behind_a_token_are_not_told_of(sqlite_engine: Engine) -> None:
    secret = Feed(slug="secret-plans", title="Secret plans", query="barge", access="token")
    paper = open_paper(sqlite_engine, replace(CONFIGURATION, feeds=(*CONFIGURATION.feeds, secret)))
    shown = paper.get("/articles/1/why").text
    assert "front-page" in shown
    assert "ecret" not in shown
