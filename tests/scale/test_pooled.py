"""Behind a pooler of transactions (PgBouncer): no transaction relies on what another left in its session.

Every transaction gets a connection of its own in most of these, which is the most that a pooler may do;
in the last, real processes share the few sessions of a real PgBouncer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from aggregator.model import Budget, Configuration, Feed, Topic
from aggregator.pipeline.editing import release_due
from aggregator.pipeline.ranking import rank_feeds
from aggregator.pipeline.review import review_all
from aggregator.store.articles.retention import maintain
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.notices import NAME
from aggregator.store.push.hub import is_anything_due, mark_changed
from aggregator.store.sources.claims import claim_due, release
from aggregator.store.turns import is_my_turn
from aggregator.web.app import create_app
from tests.databases import Databases
from tests.origin import Origin, Reply
from tests.running import free_port, running, wait_until
from tests.scale.pooler import Pooler
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
        claims = claim_due(connection, NOW + DAY, Budget(per_host=2, spacing_s=1), limit=9, seconds=60)
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


def test_workers_and_web_servers_share_the_few_sessions_of_a_pgbouncer(
    databases: Databases, tmp_path: Path
) -> None:
    direct = databases.url("postgresql")
    pooler = Pooler(direct)
    with ExitStack() as stack:
        stack.callback(pooler.close)
        origin = stack.enter_context(Origin())
        lines = "".join(f"  - {_paper(origin, number)}\n" for number in range(4))
        config, port = tmp_path / "aggregator.yaml", free_port()
        config.write_text(
            f"database: {pooler.through(direct)}\n"
            f"web: {{listen: '127.0.0.1:{port}', direct_database: '{direct}'}}\n"
            f"fetch: {{allow_private: ['{origin.at}'], spacing: 0s}}\ndefaults: {{every: 1s}}\n"
            f"feeds: {{all: {{query: ''}}}}\nsources:\n{lines}"
        )
        program = stack.enter_context(running(config, f"http://127.0.0.1:{port}"))
        for number in range(4):
            wait_until(lambda n=number: f"News of {n}<".encode() in program.get("/feeds/all.atom")[2])
        for path in ("/", "/status", "/search?q=news", "/metrics"):
            assert program.get(path)[0] == 200
        engine = open_engine(direct)
        stack.callback(engine.dispose)
        wait_until(lambda: _listening(engine) == 1, what="the web process listening past the pooler")
        with reading(engine) as connection:
            assert connection.scalar(text("SELECT count(*) FROM articles")) == 4
        log = program.log.read_text("utf-8", "replace")
    assert "Traceback" not in log
    assert "outcome=away" not in log


def _paper(origin: Origin, number: int) -> str:
    item = f"<item><guid>urn:{number}</guid><title>News of {number}</title></item>"
    body = f"<rss version='2.0'><channel><title>P{number}</title>{item}</channel></rss>"
    return f"{{url: '{origin.on(f'/{number}', Reply(body=body.encode()))}', name: paper {number}}}"


def _listening(engine: Engine) -> int:
    query = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE application_name = :name AND datname = current_database()"
    )
    with reading(engine) as connection:
        return int(connection.scalar(query, {"name": NAME}) or 0)
