"""The wall clock is wrong by a day, and set right again: polling goes on, and nothing comes twice."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.conftest import long_only
from tests.faults.station import Station
from tests.running import wait_until

DAY = 86_400


@pytest.fixture
def clock(station: Station) -> Path:
    """A file; the program's clock is wrong by the number of seconds written there."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: the clock cannot be turned")
    library, wrong = station.folder / "clock.so", station.folder / "clock"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    wrong.write_text("0")
    station.environment = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(wrong)}
    return wrong


def set_clock(clock: Path, seconds: int) -> None:
    """Turn the clock without a moment at which the file is empty."""
    draft = clock.with_suffix(".new")
    draft.write_text(str(seconds))
    draft.replace(clock)


@long_only
@pytest.mark.parametrize("seconds", [DAY, -DAY], ids=["a day ahead", "a day behind"])
def test_a_clock_that_jumps_and_returns_stops_nothing(station: Station, clock: Path, seconds: int) -> None:
    with station.running() as program:
        station.settle(program)
        for wrong_by in (seconds, 0):
            set_clock(clock, wrong_by)
            late = [station.append(source) for source in range(4)]
            wait_until(lambda late=late: set(late) <= station.look(program.get("/feeds/all.atom")[2]),
                       what=f"news with the clock wrong by {wrong_by} s")  # fmt: skip
        station.settle(program)
    station.judge()
    assert not station.surprises()


@long_only
def test_a_worker_that_starts_after_the_clock_was_set_right_polls_at_once(
    station: Station, clock: Path
) -> None:
    set_clock(clock, DAY)
    with station.running() as program:
        station.settle(program)
    set_clock(clock, 0)
    for source in range(4):
        station.append(source)
    with station.running() as program:
        station.settle(program)
    station.judge()
