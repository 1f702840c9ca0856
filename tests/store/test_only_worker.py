"""One worker for one SQLite file."""

from __future__ import annotations

import threading

import pytest

from aggregator.errors import StoreBusy
from aggregator.store.engine import Engine
from aggregator.store.only_worker import own_worker


def test_a_second_worker_is_refused_until_the_first_ends(sqlite_engine: Engine) -> None:
    with (
        own_worker(sqlite_engine),
        pytest.raises(StoreBusy, match="a worker already runs"),
        own_worker(sqlite_engine, notice_s=0.1),
    ):
        pass
    with own_worker(sqlite_engine, notice_s=0):
        pass


def test_a_worker_waits_for_one_that_says_it_is_ending(sqlite_engine: Engine) -> None:
    said, done = threading.Event(), threading.Event()

    def second() -> None:
        said.wait(30)
        with own_worker(sqlite_engine, notice_s=0):
            done.set()

    thread = threading.Thread(target=second)
    with own_worker(sqlite_engine) as say_ending:
        thread.start()
        say_ending()
        said.set()
        assert not done.wait(0.2)
    thread.join(30)
    assert done.is_set()
    # what the first said is not said of the next
    with (
        own_worker(sqlite_engine),
        pytest.raises(StoreBusy),
        own_worker(sqlite_engine, notice_s=0),
    ):
        pass
