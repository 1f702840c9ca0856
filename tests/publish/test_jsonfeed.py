"""JSON Feed 1.1: everything the other formats say, in its own words."""

from __future__ import annotations

import json

from aggregator.model import Category, Enclosure, Person
from aggregator.publish.render import render
from tests.publish.editions import card, edition, item
from tests.publish.validity import check


def feed_of(*items, **fields):
    body = render(edition(*items, **fields), "json").body
    assert check(body, "application/feed+json") == []
    return json.loads(body)


def test_the_feed_says_where_it_lives():
    feed = feed_of(item())
    assert feed["home_page_url"] == "https://gazette.example/feeds/front-page"
    assert feed["feed_url"] == "https://gazette.example/feeds/front-page.json"
    assert feed["language"] == "en-GB"
    assert feed["authors"] == [{"name": "Thames Gazette"}]


def test_an_item_is_complete():
    one = feed_of(
        item(
            1,
            categories=(Category("tide"), Category("lock"), Category("tide", "https://x.example/")),
            enclosures=(Enclosure("https://herald.example/a.mp3", "audio/mpeg", 9, "Listen", 61),),
            image="https://herald.example/1.jpg",
            language="cy",
        )
    )["items"][0]
    assert one["id"] == "tag:herald.example,2025:1"
    assert one["url"] == "https://herald.example/news/1"
    assert one["title"] == "Barge number 1 passes the bridge"
    assert one["content_html"].startswith("<p>The barge")
    assert one["summary"] == "The barge with the number 1 passed."
    assert one["date_published"] == "2025-12-25T11:00:00Z"
    assert one["tags"] == ["tide", "lock"]
    assert one["language"] == "cy"
    assert one["image"] == "https://herald.example/1.jpg"
    assert one["attachments"] == [
        {
            "url": "https://herald.example/a.mp3",
            "mime_type": "audio/mpeg",
            "title": "Listen",
            "size_in_bytes": 9,
            "duration_in_seconds": 61,
        }
    ]
    assert one["_aggregator"]["source"] == {
        "title": "The Harbour Herald",
        "url": "https://herald.example/",
        "feed_url": "https://herald.example/feed.xml",
        "id": "tag:herald.example,2020:feed",
    }
    assert one["_aggregator"]["rights"] == "CC BY 4.0"


def test_a_text_we_may_not_give_is_replaced_by_the_title():
    one = feed_of(item(1, card(content="link")))["items"][0]
    assert "content_html" not in one
    assert one["content_text"] == one["title"]


def test_an_author_without_a_page_is_reached_by_mail():
    people = (Person("Ada", "ada@herald.example"), Person("Bo", None, "https://bo.example/"), Person("Cy"))
    assert feed_of(item(1, authors=people))["items"][0]["authors"] == [
        {"name": "Ada", "url": "mailto:ada@herald.example"},
        {"name": "Bo", "url": "https://bo.example/"},
        {"name": "Cy"},
    ]
