"""The page that explains an article, on the real app."""

from __future__ import annotations

from sqlalchemy import Engine

from aggregator.editing import mark_article
from tests.store.making import NOW
from tests.web.paper import open_paper


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
