"""The wall clock is wrong by a day, and set right again: polling goes on, and nothing comes twice."""

from __future__ import annotations

import pytest

from tests.faults.clock import Clock
from tests.faults.conftest import long_only
from tests.faults.station import Station
from tests.running import wait_until

DAY = 86_400


@long_only
@pytest.mark.parametrize("seconds", [DAY, -DAY], ids=["a day ahead", "a day behind"])
def test_a_clock_that_jumps_and_returns_stops_nothing(station: Station, clock: Clock, seconds: int) -> None:
    with station.running() as program:
        station.settle(program)
        for wrong_by in (seconds, 0):
            clock.set(wrong_by)
            late = [station.append(source) for source in range(4)]
            wait_until(lambda late=late: set(late) <= station.look(program.get("/feeds/all.atom")[2]),
                       what=f"news with the clock wrong by {wrong_by} s")  # fmt: skip
        station.settle(program)
    station.judge()
    assert not station.surprises()


@long_only
def test_a_worker_that_starts_after_the_clock_was_set_right_polls_at_once(
    station: Station, clock: Clock
) -> None:
    clock.set(DAY)
    with station.running() as program:
        station.settle(program)
    clock.set(0)
    for source in range(4):
        station.append(source)
    with station.running() as program:
        station.settle(program)
    station.judge()
