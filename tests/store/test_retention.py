"""Articles leave after their time, not before, and never come back as new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, text

from aggregator.model import Configuration, Feed
from aggregator.query.parse import parse_query
from aggregator.store.articles.knowing import Listed, load_known
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.retention import expire, maintain, tidy
from aggregator.store.articles.search import search
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from aggregator.store.stories.telling import hold_stories, save_members
from aggregator.store.tables import bodies, placements, stories, tombstones
from tests.store.making import DAY, NOW, apply, arrive, claim_one, entry, member, poll, source, store

PAPER = source("Paper", keep_s=30 * 86400)
WHOLE = Configuration(sources=(PAPER,), feeds=(Feed(slug="front", title="Front"),))


@pytest.fixture
def paper(engine: Engine) -> Engine:
    """A store with two old articles, of which the document later holds one."""
    apply(engine, WHOLE)
    arrive(engine, "paper", entry("left"), entry("stays"), feeds=["front"])
    see(engine, "stays", 20)
    return engine


def see(engine: Engine, key: str, day: float) -> None:
    """A poll on a later day whose document holds just this article, unchanged."""
    at = NOW + day * DAY
    claim = claim_one(engine, "paper", at)
    with writing(engine) as connection:
        there = load_known(connection, {claim.source_id: Listed([entry(key)])}, at)[claim.source_id].articles
    store(engine, poll(claim, at=at, seen_ids=(there[key].id,)))


def keys(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [article.entry.key for article in list_articles(connection, after_id=0, limit=99)]


def test_article_leaves_when_its_time_after_the_document_is_over(paper: Engine) -> None:
    assert maintain(paper, NOW + 29 * DAY) == 0
    assert maintain(paper, NOW + 32 * DAY) == 1
    assert keys(paper) == ["stays"]


def test_a_story_leaves_with_the_last_article_that_told_it(paper: Engine) -> None:
    with writing(paper) as connection:
        hold_stories(connection)
        save_members(connection, [member(1), member(2)], {})
    maintain(paper, NOW + 32 * DAY)
    with reading(paper) as connection:
        assert list(connection.scalars(select(stories.c.id))) == [2]


def test_an_article_may_have_stood_in_its_document_a_day_longer_than_was_noted(engine: Engine) -> None:
    apply(engine, Configuration(sources=(replace(PAPER, keep_s=86400),)))
    arrive(engine, "paper", entry("left"), entry("stays"))
    see(engine, "left", 0.8)
    see(engine, "stays", 1.0)
    assert maintain(engine, NOW + 1.5 * DAY) == 0
    maintain(engine, NOW + 2.1 * DAY)
    assert keys(engine) == ["stays"]


def test_article_in_the_document_stays_however_old(paper: Engine) -> None:
    assert maintain(paper, NOW + 999 * DAY) == 1
    assert keys(paper) == ["stays"]


def test_article_of_a_removed_source_follows_keep(paper: Engine) -> None:
    apply(paper, replace(WHOLE, sources=()))
    maintain(paper, NOW + 40 * DAY)
    assert keys(paper) == ["stays"]
    maintain(paper, NOW + 52 * DAY)
    assert keys(paper) == []


def test_article_that_left_is_gone_from_feeds_bodies_and_search(paper: Engine) -> None:
    with reading(paper) as connection:
        before = find_feed(connection, "feed", "front")
    maintain(paper, NOW + 32 * DAY)
    with reading(paper) as connection:
        after = find_feed(connection, "feed", "front")
        assert before is not None
        assert after is not None
        assert after.version != before.version
        assert [item.article.entry.key for item in read_items(connection, after, limit=9)] == ["stays"]
        found = search(connection, parse_query("words"), limit=9, now=NOW)
        assert [article.entry.key for article, _, _ in found] == ["stays"]
        assert connection.scalar(select(func.count()).select_from(bodies)) == 1
        assert connection.scalar(select(func.count()).select_from(placements)) == 2


def test_tombstone_is_known_for_ever(paper: Engine) -> None:
    maintain(paper, NOW + 32 * DAY)
    claim = claim_one(paper, "paper", NOW + 99 * DAY)
    with reading(paper) as connection:
        listed = {claim.source_id: Listed([entry("left"), entry("stays"), entry("new")])}
        there = load_known(connection, listed, NOW)
    assert there[claim.source_id].tombstones == {"left"}
    assert set(there[claim.source_id].articles) == {"stays"}


def test_ids_are_not_given_again_after_the_newest_left(paper: Engine) -> None:
    with writing(paper) as connection:
        connection.execute(text("UPDATE articles SET last_in_document = 0 WHERE key = 'stays'"))
    assert maintain(paper, NOW + 99 * DAY) == 2
    assert arrive(paper, "paper", entry("new"), at=NOW + 99 * DAY).new == (3,)


def test_expiry_is_bounded_and_goes_on_next_time(paper: Engine) -> None:
    arrive(paper, "paper", *(entry(f"k{n}") for n in range(20)))
    see(paper, "stays", 25)
    with writing(paper) as connection:
        assert expire(connection, NOW + 60 * DAY, limit=8) == 8
    assert maintain(paper, NOW + 60 * DAY) == 13
    with reading(paper) as connection:
        assert connection.scalar(select(func.count()).select_from(tombstones)) == 21


def test_tidying_passes_over_a_moment_in_which_somebody_writes(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/heap.db")

    @event.listens_for(engine, "connect")
    def wait_not(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout=0")

    engine.dispose()
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE heap (bytes)"))
        connection.execute(text("INSERT INTO heap VALUES (zeroblob(1000000))"))
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE heap"))
    free = text("SELECT freelist_count FROM pragma_freelist_count")
    with writing(engine) as connection:
        tidy(engine)
        assert connection.scalar(free)
    tidy(engine)
    with reading(engine) as connection:
        assert not connection.scalar(free)
    engine.dispose()
