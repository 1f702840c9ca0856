"""OPML lists that feed readers import."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from aggregator.publish.opml import render_feeds_opml, render_sources_opml
from tests.publish.editions import NOON, SITE, card, head
from tests.publish.validity import check


def outlines(body):
    assert check(body, "text/x-opml") == []
    return etree.fromstring(body)[1]


def test_sources_are_listed_with_feed_page_and_tags():
    body = outlines(render_sources_opml(SITE, [card(), card(name="a\x00b & <c>", link=None, tags=())], NOON))
    assert dict(body[0].attrib) == {
        "text": "Harbour Herald",
        "title": "Harbour Herald",
        "type": "rss",
        "xmlUrl": "https://herald.example/feed.xml",
        "htmlUrl": "https://herald.example/",
        "category": "national",
    }
    assert body[1].get("text") == "ab & <c>"


def test_a_source_that_is_no_web_address_is_not_listed():
    assert len(outlines(render_sources_opml(SITE, [card(url="file:///etc/passwd")], None))) == 0


def test_published_feeds_are_grouped_by_kind():
    heads = [
        head(),
        head(kind="topic", slug="tide", title="The tide"),
        head(kind="source", slug="herald", title="H"),
    ]
    body = outlines(render_feeds_opml(replace(SITE, url="https://gazette.example/planet"), heads, NOON))
    assert [(group.get("text"), group[0].get("xmlUrl")) for group in body] == [
        ("Feeds", "https://gazette.example/planet/feeds/front-page.atom"),
        ("Topics", "https://gazette.example/planet/topics/tide.atom"),
        ("Sources", "https://gazette.example/planet/sources/herald.atom"),
    ]


def test_lists_of_nothing_are_valid():
    assert len(outlines(render_sources_opml(SITE, [], None))) == 0
    assert len(outlines(render_feeds_opml(SITE, [], None))) == 0
