"""Jobs go on whatever the store does, and the log says so once; a process that hangs ends itself."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading

import pytest

from aggregator.daemon.steady import steady
from aggregator.daemon.watchdog import HUNG, Watchdog
from aggregator.errors import StoreError
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


def test_a_process_that_goes_on_is_left_alone() -> None:
    ended = threading.Event()
    watchdog = Watchdog(0.4, end=lambda _: ended.set())
    watchdog.start()
    for _ in range(10):
        watchdog.beat()
        assert not ended.wait(0.1)
    watchdog.stop()
