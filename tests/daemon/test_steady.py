"""Jobs go on whatever the store does, and the log says so once; a process that hangs ends itself."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import Engine

from aggregator.daemon.steady import steady, surprises
from aggregator.daemon.storethread import StoreThread
from aggregator.daemon.watchdog import HUNG, Watchdog
from aggregator.errors import AggregatorError, StoreError
from tests.running import environment

LOG = logging.getLogger("aggregator.test")
HANG = """
import time
from aggregator.daemon.watchdog import Watchdog
Watchdog(0.3).start()
def stuck_here():
    time.sleep(60)
stuck_here()
"""


def test_a_store_that_is_away_is_said_once_and_its_return_too(caplog: pytest.LogCaptureFixture) -> None:
    answers: list[Exception | None] = [None, *[StoreError("the disk is full")] * 5, None, None]

    async def job() -> None:
        if error := answers.pop(0):
            raise error

    turn = steady(job, LOG)
    with caplog.at_level(logging.WARNING, logger=LOG.name):
        for _ in range(len(answers)):
            asyncio.run(turn())
    assert [record.getMessage().split(" reason")[0] for record in caplog.records] == [
        "store outcome=away",
        "store outcome=back",
    ]


def test_a_mistake_of_ours_is_logged_with_its_traceback_and_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def job() -> None:
        raise ZeroDivisionError

    asyncio.run(steady(job, LOG)())
    assert caplog.records[0].exc_info


def test_a_job_that_comes_to_a_closed_store_while_everything_ends_is_no_mistake(
    sqlite_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with StoreThread(sqlite_engine) as store:
        pass

    async def reload() -> None:
        await store.read(lambda connection: None)

    asyncio.run(steady(reload, LOG)())
    assert not caplog.records


def test_a_failure_that_is_no_mistake_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def reload() -> None:
        raise AggregatorError("a child process was killed")

    asyncio.run(steady(reload, LOG)())
    assert [(record.getMessage(), record.exc_info) for record in caplog.records] == [
        ("job=reload failed: a child process was killed", None)
    ]


@pytest.mark.parametrize(("error", "count"), [(ZeroDivisionError(), 1), (StoreError("away"), 0), (None, 0)])
def test_of_tasks_only_what_surprises_is_told(
    caplog: pytest.LogCaptureFixture, error: Exception | None, count: int
) -> None:
    async def job() -> None:
        if error:
            raise error

    async def run() -> None:
        task = asyncio.create_task(job())
        task.add_done_callback(surprises(LOG, "the task"))
        await asyncio.wait([task])
        await asyncio.sleep(0)

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records] == ["the task failed"] * count


def test_a_process_that_finishes_no_turn_ends_and_says_where_it_stood() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANG],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=30,
        check=False,
    )
    assert done.returncode == HUNG
    assert "stuck_here" in done.stderr


def test_a_process_that_was_halted_did_not_hang() -> None:
    script = """
import sys, threading
from aggregator.daemon.watchdog import Watchdog
dog = Watchdog(1.0)
dog.start()
print("ready", flush=True)
for line in sys.stdin:
    dog.beat()
    print("alive", flush=True)
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.3)  # longer than it may be silent: the halt is the point of the test
        process.send_signal(signal.SIGCONT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.7)  # it has looked meanwhile
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert process.stdout.readline() == "alive\n"
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_process_that_goes_on_is_left_alone() -> None:
    ended = threading.Event()
    watchdog = Watchdog(0.4, end=lambda _: ended.set())
    watchdog.start()
    for _ in range(10):
        watchdog.beat()
        assert not ended.wait(0.1)
    watchdog.stop()
