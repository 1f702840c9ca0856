"""What is remembered of articles is what the store would say, and never more than there is room for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.model import Configuration, Feed
from aggregator.store.articles import recall
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.recall import find_article
from aggregator.store.engine import open_engine, reading
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from tests.store.making import HOUR, NOW, apply, arrive, entry, source


@pytest.fixture
def paper(engine):
    apply(engine, Configuration(sources=(source("Paper"),), feeds=(Feed(slug="front", title="Front"),)))
    arrive(engine, "paper", *(entry(f"a{number}") for number in range(5)), feeds=["front"])
    return engine


def shown(engine):
    with reading(engine) as connection:
        return read_items(connection, find_feed(connection, "feed", "front"), limit=50)


def afresh(engine):
    with reading(engine) as connection:
        return {article.id: article for article in list_articles(connection, after_id=0, limit=100)}


def test_an_article_is_read_once_and_the_same_as_without_memory(paper):
    first, second = shown(paper), shown(paper)
    assert all(a.article is b.article for a, b in zip(first, second, strict=True))
    assert {item.article.id: item.article for item in second} == afresh(paper)


def test_another_process_that_changes_an_article_is_believed(paper):
    before = shown(paper)
    other = open_engine(paper.url.render_as_string(hide_password=False))
    try:
        arrive(other, "paper", entry("a1", content="<p>Edited</p>"), feeds=["front"], at=NOW + HOUR)
    finally:
        other.dispose()
    after = {item.article.id: item.article for item in shown(paper)}
    assert after == afresh(paper)
    assert [one.entry.content for one in after.values()].count("<p>Edited</p>") == 1
    unchanged = [item.article for item in before if after[item.article.id] is item.article]
    assert len(unchanged) == 4


def test_memory_stays_within_its_room_and_leaves_out_what_is_long(paper, monkeypatch):
    monkeypatch.setattr(recall, "ROOM", 2 * (recall.OVERHEAD + 100))
    arrive(paper, "paper", entry("long", content="x" * recall.LONGEST), feeds=["front"])
    items = shown(paper)
    assert {item.article.id: item.article for item in items} == afresh(paper)
    assert len(recall._memories[paper].known) == 2
    assert recall._memories[paper]._used <= recall.ROOM


def test_an_article_is_found_by_its_id_and_a_missing_one_is_none(paper):
    with reading(paper) as connection:
        assert find_article(connection, 1) == replace(afresh(paper)[1])
        assert find_article(connection, 99) is None
