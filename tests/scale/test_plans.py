"""What is done every second, or whenever somebody asks, reads no table from one end to the other.

SQLite is told that its tables are a thousand times larger than they are, and asked how it would
carry out each statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from aggregator.curate.rewrite import PLAIN
from aggregator.model import Budget, Configuration, Feed, FeedHead, NextPoll, PollResult, Site, Topic
from aggregator.pipeline.editing import release_due
from aggregator.pipeline.editions import live_edition
from aggregator.query.parse import parse_query
from aggregator.store.articles.retention import expire
from aggregator.store.articles.saving import save
from aggregator.store.articles.search import search
from aggregator.store.configurations import applied_digest
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed, list_feeds
from aggregator.store.feeds.items import read_items
from aggregator.store.feeds.versions import load_publication
from aggregator.store.push import hub, subscriptions
from aggregator.store.push.inbox import is_mail_waiting
from aggregator.store.sources.cards import list_cards
from aggregator.store.sources.claims import claim_due
from aggregator.store.turns import is_my_turn
from tests.store.making import DAY, HOUR, NOW, apply, arrive, entry, source

#: tables with a row for each source, article, or both
LARGE = (
    *("articles", "bodies", "placements", "sources", "feeds", "source_slugs", "traces", "archives"),
    *(
        "tombstones",
        "events",
        "story_members",
        "stories",
        "bylines",
        "revisions",
        "subscriptions",
        "problems",
    ),
)
LATER = NOW + 2 * HOUR
#: walking down an index until enough is found
WALKS = ("SCAN articles USING INDEX articles_newest", "SCAN sources USING INDEX sources_due")


@pytest.fixture
def large(sqlite_engine: Engine) -> Engine:
    """A store of forty sources and two hundred articles that takes itself for a thousand times as much."""
    feeds = (Feed(slug="front", title="Front page"),)
    topics = tuple(Topic(slug=f"t{n}", title=f"T{n}", query=f"w{n}") for n in range(3))
    sources = tuple(source(f"Paper {n}") for n in range(40))
    apply(sqlite_engine, Configuration(sources=sources, topics=topics, feeds=feeds))
    for n in range(40):
        entries = [entry(f"{n}-{k}", published=NOW - k * DAY) for k in range(5)]
        arrive(sqlite_engine, f"paper-{n}", *entries, feeds=("front",))
    with writing(sqlite_engine) as connection:
        connection.execute(text("ANALYZE"))
        for table, index, stat in connection.execute(text("SELECT tbl, idx, stat FROM sqlite_stat1")).all():
            if table in LARGE:
                connection.execute(
                    text("UPDATE sqlite_stat1 SET stat = :stat WHERE tbl = :table AND idx IS :index"),
                    {"stat": _thousandfold(stat), "table": table, "index": index},
                )
    sqlite_engine.dispose()  # statistics are read when a connection is opened
    return sqlite_engine


def _thousandfold(stat: str) -> str:
    """The rows of a table a thousand times, what a whole key finds as before."""
    numbers = [int(number) for number in stat.split()]
    return " ".join(str(n if n == 1 else 1000 * n) for n in numbers)


@contextmanager
def _noting(engine: Engine) -> Iterator[dict[str, Any]]:
    seen: dict[str, Any] = {}

    def note(
        _c: object, _cursor: object, statement: str, params: Any, _context: object, is_many: bool
    ) -> None:
        seen.setdefault(statement, params[0] if is_many else params)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _poll(connection: Connection) -> None:
    claims = claim_due(connection, LATER, Budget(per_host=2), limit=10, seconds=60)
    later = NextPoll(LATER + HOUR, "later")
    assert claims
    save(connection, [PollResult(claim=c, at=LATER, kind="not-modified", next_poll=later) for c in claims])


def _front(connection: Connection) -> FeedHead:
    head = find_feed(connection, "feed", "front")
    assert head is not None
    return head


def _search(words: str) -> Callable[[Connection], object]:
    return lambda held: search(held, parse_query(words), limit=20, now=LATER)


READS: dict[str, Callable[[Connection], object]] = {
    "a feed is read": lambda held: live_edition(held, _front(held), Site(), PLAIN),
    "a page further on": lambda held: read_items(held, _front(held), limit=20, before=(NOW - DAY, 9)),
    "the source's own feed": lambda held: find_feed(held, "source", "paper-3"),
    "feeds and topics": list_feeds,
    "a piece of the list of sources": lambda held: list_cards(held, "paper-2", 10),
    "has anything changed": load_publication,
    "the applied configuration": applied_digest,
    "a rare word": _search("3-4"),
    "a common word": _search("words"),
    "pushes that wait": is_mail_waiting,
    "subscriptions that are due": lambda held: subscriptions.is_any_due(held, LATER),
    "work for the hub": lambda held: hub.is_anything_due(held, LATER),
}


@pytest.mark.parametrize("what", READS)
def test_reading_walks_no_large_table(large: Engine, what: str) -> None:
    with _noting(large) as seen, reading(large) as connection:
        READS[what](connection)
    _assert_indexed(large, seen)


def test_a_poll_walks_no_large_table(large: Engine) -> None:
    with _noting(large) as seen:
        with writing(large) as connection:
            _poll(connection)
        arrive(large, "paper-7", entry("fresh", published=LATER), feeds=("front",), at=LATER + HOUR)
    _assert_indexed(large, seen)


def test_chores_walk_no_large_table(large: Engine) -> None:
    with _noting(large) as seen:
        release_due(large, LATER)
        is_my_turn(large, "maintenance", 600, LATER)
        with writing(large) as connection:
            expire(connection, NOW + timedelta(days=400))
    _assert_indexed(large, seen)


def _assert_indexed(engine: Engine, seen: dict[str, Any]) -> None:
    asked = {said: given for said, given in seen.items() if re.match(r"\s*(SELECT|UPDATE|DELETE)", said)}
    assert asked, "nothing was asked"
    with reading(engine) as connection:
        for statement, params in asked.items():
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", params).all()
            walks = [step[3] for step in steps if _is_walk(step[3], statement)]
            assert not walks, f"{walks} in {' '.join(statement.split())}"


def _is_walk(step: str, statement: str) -> bool:
    table = re.match(r"SCAN (\w+)", step)
    if not table or table[1] not in LARGE or step.startswith(WALKS):
        return False
    # the oldest feed is the first or one of the first
    return "SELECT feeds.uid" not in statement
