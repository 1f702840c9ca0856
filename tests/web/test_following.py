"""Changes are heard of at once where a PostgreSQL can be listened to, and looked up while it cannot."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from aggregator.model import Configuration, Feed
from aggregator.pipeline.editing import mark_article
from aggregator.store.engine import open_engine, reading
from aggregator.store.notices import NAME, listen
from aggregator.store.schema import migrate
from aggregator.web import desk as desks
from aggregator.web import following
from aggregator.web.desk import Desk
from tests.databases import Databases
from tests.running import wait_until
from tests.store.making import NOW, apply, arrive, entry, source

PAPERS = Configuration(sources=(source("Paper"),), feeds=(Feed(slug="all", title="All"),))
#: longer than any test: what is not heard of is not seen
NEVER_S = 3600.0
LISTENERS = "FROM pg_stat_activity WHERE application_name = :name AND datname = current_database()"


class Ear:
    """Listening that a test can hold up."""

    def __init__(self) -> None:
        self.may_listen = threading.Event()
        self.may_listen.set()
        self.is_held_up = False

    def listen(self, url: str, heard: Callable[[], object]) -> None:
        self.is_held_up = not self.may_listen.is_set()
        self.may_listen.wait()
        listen(url, heard)

    def end(self, engine: Engine) -> None:
        """Let the thread wait for ever: it ends with this process."""
        self.may_listen.clear()
        with reading(engine) as connection:
            connection.execute(text(f"SELECT pg_terminate_backend(pid) {LISTENERS}"), {"name": NAME})
        engine.dispose()
        wait_until(lambda: self.is_held_up, what="its end")


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    made = Ear()
    monkeypatch.setattr(following, "listen", made.listen)
    monkeypatch.setattr(following, "RETRY_S", 0.1)
    monkeypatch.setattr(following, "HEARD_S", NEVER_S)
    return made


def is_heard(engine: Engine) -> bool:
    """Whether somebody listens."""
    with reading(engine) as connection:
        return bool(connection.scalar(text(f"SELECT count(*) {LISTENERS}"), {"name": NAME}))


def changes(look: Callable[[], object], change: Callable[[], object]) -> None:
    """Change something, and wait until it is seen."""
    before = look()
    change()
    wait_until(lambda: look() != before, what="the change")


def test_what_changes_is_heard_of(databases: Databases, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "VERSION_S", NEVER_S)
    url = databases.url("postgresql")
    engine = open_engine(url)
    apply(engine, PAPERS)
    desk = Desk(engine)
    following.follow(desk, url)
    wait_until(lambda: is_heard(engine), what="somebody who listens")
    changes(
        lambda: desk.find_head("feed", "all"), lambda: arrive(engine, "paper", entry("a"), feeds=("all",))
    )
    address = "https://paper.example/a"
    changes(
        lambda: desk.standing.whole.stamp, lambda: mark_article(engine, address, "pick", who="me", now=NOW)
    )
    more = replace(PAPERS, feeds=(*PAPERS.feeds, Feed(slug="b", title="B")))
    changes(lambda: len(desk.heads()), lambda: apply(engine, more))
    ear.end(engine)


def test_while_nothing_can_be_heard_changes_are_looked_up(server: Any, ear: Ear) -> None:
    engine = open_engine(server.get_uri())
    migrate(engine)
    apply(engine, PAPERS)
    desk = Desk(engine)

    def look() -> object:
        return desk.find_head("feed", "all")

    following.follow(desk, server.get_uri())
    wait_until(lambda: is_heard(engine), what="somebody who listens")
    changes(look, lambda: arrive(engine, "paper", entry("a"), feeds=("all",)))
    ear.may_listen.clear()
    server.stop()
    engine.dispose()
    assert look() is not None
    server.start()
    # what was read last would stand for an hour, had the loss not been noticed
    changes(look, lambda: arrive(engine, "paper", entry("b"), feeds=("all",)))
    ear.may_listen.set()
    wait_until(lambda: is_heard(engine), what="somebody who listens again")
    changes(look, lambda: arrive(engine, "paper", entry("c"), feeds=("all",)))
    ear.end(engine)
