"""Behind a pooler of transactions (PgBouncer): no transaction relies on what another left in its session.

Every transaction gets a connection of its own here, which is the most that a pooler may do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from aggregator.editing import release_due
from aggregator.model import Configuration, Feed, Topic
from aggregator.ranking import rank_feeds
from aggregator.review import review_all
from aggregator.store.claims import claim_due, release
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.hub import is_anything_due, mark_changed
from aggregator.store.retention import maintain
from aggregator.store.turns import is_my_turn
from aggregator.web.app import create_app
from tests.databases import Databases
from tests.store.making import DAY, HOUR, NOW, apply, arrive, entry, source

#: what outlives a transaction in a session, or needs one
_SESSION = re.compile(
    r"^\s*SET\s+(?!LOCAL|TRANSACTION)|^\s*LISTEN\b|\bPREPARE\b|WITH HOLD|CREATE TEMP"
    r"|pg_advisory_lock\(|pg_try_advisory_lock\(|lastval\(|currval\(",
    re.IGNORECASE,
)


@pytest.fixture
def pooled(databases: Databases) -> Iterator[Engine]:
    """PostgreSQL through connections that each serve one transaction."""
    engine = open_engine(databases.url("postgresql"))

    def drop(_connection: object, record: Any) -> None:
        record.invalidate()

    event.listen(engine, "checkin", drop)
    yield engine
    engine.dispose()


def _backend(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(text("SELECT pg_backend_pid()")))


def test_a_whole_life_needs_no_session(pooled: Engine) -> None:
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(pooled, "before_cursor_execute", note)
    assert _backend(pooled) != _backend(pooled), "the pool kept a connection: the test shows nothing"
    feeds = (Feed(slug="front-page", title="Front", order="top"),)
    topics = (Topic(slug="tide", title="Tide", query="tide"),)
    papers = (source("Paper"), source("Rival"))
    apply(pooled, Configuration(sources=papers, feeds=feeds, topics=topics))
    arrive(pooled, "paper", entry("a"), entry("b", published=NOW - DAY), feeds=("front-page",))
    arrive(pooled, "paper", entry("a", title="another title"), feeds=("front-page",), at=NOW + HOUR)
    with writing(pooled) as connection:
        claims = claim_due(connection, NOW + DAY, limit=9, per_host=2, seconds=60, spacing_s=1)
        assert len(claims) == 2
        release(connection, claims)
        mark_changed(connection, NOW + DAY)
        assert not is_anything_due(connection, NOW + DAY)
    assert is_my_turn(pooled, "maintenance", 600, NOW)
    assert not is_my_turn(pooled, "maintenance", 600, NOW)
    maintain(pooled, NOW + DAY)
    release_due(pooled, NOW + DAY)
    rank_feeds(pooled, NOW + DAY)
    review_all(pooled, NOW + DAY)
    client = create_app(pooled).test_client()
    for path in (
        "/",
        "/feeds/front-page.atom",
        "/search?q=another",
        "/status",
        "/metrics",
        "/opml/sources.opml",
    ):
        assert client.get(path).status_code == 200
    assert "another title" in client.get("/feeds/front-page.json").text
    assert len(said) > 100
    assert [statement for statement in said if _SESSION.search(statement)] == []


def test_nothing_is_prepared_on_the_server(pooled: Engine) -> None:
    with reading(pooled) as connection:
        for number in range(12):
            connection.execute(text("SELECT slug FROM sources WHERE id = :id"), {"id": number})
        assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
