"""The configuration file, read again while a worker runs."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aggregator.config.file import load
from aggregator.daemon.following import Following
from aggregator.daemon.storethread import StoreThread
from aggregator.model import Configuration
from aggregator.pipeline.apply import put_in_force
from tests.store.making import NOW

PAPER = "site: {title: Paper}\nweb: {listen: '127.0.0.1:8000'}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "paper.yaml"
    written.write_text(PAPER, "utf-8")
    return written


def reload(engine: Engine, path: Path, *texts: str, times: int = 1) -> None:
    """Put the file in force, then each of *texts*, asking for it so often at once."""
    loaded = load(path)
    put_in_force(engine, loaded, NOW)

    async def ignore(_: Configuration) -> None:
        pass

    async def run(store: StoreThread) -> None:
        following = Following(store, loaded, ignore)
        for text in texts:
            await asyncio.to_thread(path.write_text, text, "utf-8")
            await asyncio.gather(*(following.reload() for _ in range(times)))

    with StoreThread(engine) as store:
        asyncio.run(run(store))


def test_a_storm_of_signals_reads_the_file_twice_at_most(
    sqlite_engine: Engine, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "aggregator.worker")
    reload(sqlite_engine, path, PAPER, times=20)
    assert 1 <= caplog.text.count("read again") <= 2


def test_what_holds_from_the_next_start_is_said(
    sqlite_engine: Engine, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "aggregator.worker")
    elsewhere = PAPER.replace("8000", "8001") + "database: sqlite:///other.db\n"
    reload(sqlite_engine, path, elsewhere, PAPER, PAPER.replace("Paper", "Journal"))
    assert [record.getMessage() for record in caplog.records] == [
        "configuration: web differs from what this runs with; restart to use it",
        "configuration: database differs from what this runs with; restart to use it",
    ]
