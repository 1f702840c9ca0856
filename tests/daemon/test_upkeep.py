"""Housekeeping: as much as there is to do, with polls in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from aggregator.daemon import upkeep
from aggregator.daemon.storethread import StoreThread
from aggregator.model import Configuration
from aggregator.store.articles import retention
from aggregator.store.engine import reading
from aggregator.store.tables import articles
from tests.store.making import DAY, NOW, apply, arrive, count, entry, source

KEPT = source("Paper", keep_s=30 * 86_400)


@pytest.fixture
def small_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "STEPS", 2)
    monkeypatch.setattr(upkeep, "MOST", 2)


class Watched(StoreThread):
    """Notes what is asked of it, in order."""

    asked: list[str]

    async def call(self, work: Callable[..., Any], *args: Any, **more: Any) -> Any:
        self.asked.append(work.__name__)
        return await super().call(work, *args, **more)


def keep_house(engine: Engine) -> list[str]:
    """Do it a year later; return what was asked of the store, in order."""
    with Watched(engine) as store:
        store.asked = []
        asyncio.run(upkeep.keep_house(store, NOW + 365 * DAY))
        return store.asked


@pytest.mark.usefixtures("small_rounds")
def test_rounds_follow_one_another_until_every_old_article_has_left(engine: Engine) -> None:
    apply(engine, Configuration(sources=(KEPT,)))
    arrive(engine, "paper", *(entry(f"e{n}") for n in range(5)))
    apply(engine, Configuration())
    assert keep_house(engine) == ["maintain", "maintain", "maintain", "age_feeds", "_write"]
    with reading(engine) as connection:
        assert count(connection, articles) == 0


@pytest.mark.usefixtures("small_rounds")
def test_rounds_end_when_their_time_is_over(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "LONGEST_S", 0.0)
    apply(sqlite_engine, Configuration(sources=(KEPT,)))
    arrive(sqlite_engine, "paper", *(entry(f"e{n}") for n in range(5)))
    apply(sqlite_engine, Configuration())
    assert keep_house(sqlite_engine) == ["maintain", "age_feeds", "_write"]
    with reading(sqlite_engine) as connection:
        assert count(connection, articles) == 3
