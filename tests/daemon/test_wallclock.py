"""The wall clock is set back under a running worker: it is told, once, and until it could plan anew."""

from __future__ import annotations

import asyncio
import logging

import pytest

from aggregator.daemon.wallclock import WallClock
from aggregator.errors import StoreError

DAY = 86_400


class Clocks:
    """A wall clock and an even one that a test moves."""

    def __init__(self) -> None:
        self.wall, self.even = 1_000_000.0, 500.0
        self.calls = 0
        self.is_away = False

    def watch(self) -> WallClock:
        return WallClock(self._plan, lambda: self.wall, lambda: self.even)

    async def _plan(self) -> None:
        self.calls += 1
        if self.is_away:
            raise StoreError("locked")

    def pass_by(self, seconds: float, set_by: float = 0) -> None:
        self.wall += seconds + set_by
        self.even += seconds


def test_a_clock_set_back_is_told_once() -> None:
    clocks = Clocks()
    watched = clocks.watch()
    for set_by in (0, -DAY, 0):
        clocks.pass_by(1, set_by)
        asyncio.run(watched.look())
    assert clocks.calls == 1


@pytest.mark.parametrize("set_by", [DAY, -5, 5], ids=["a day forward", "a little back", "a little forward"])
def test_what_needs_no_planning_is_not_told(set_by: float) -> None:
    clocks = Clocks()
    watched = clocks.watch()
    clocks.pass_by(1, set_by)
    asyncio.run(watched.look())
    assert clocks.calls == 0


def test_while_the_store_is_away_it_is_told_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    clocks = Clocks()
    watched = clocks.watch()
    clocks.pass_by(1, -DAY)
    clocks.is_away = True
    with pytest.raises(StoreError):
        asyncio.run(watched.look())
    clocks.is_away = False
    asyncio.run(watched.look())
    asyncio.run(watched.look())
    assert clocks.calls == 2
