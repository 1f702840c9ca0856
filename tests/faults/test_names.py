"""DNS fails in every way: one name is one source's trouble, all names are nobody's; then all is read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.clock import Clock
from tests.faults.conftest import ROUNDS
from tests.faults.names import Names
from tests.faults.station import SOURCES, Station
from tests.origin import Origin
from tests.running import Running, json_lines, wait_until

MODES = ("unknown", "refused", "garbage", "silent", "broken") if ROUNDS else ()
HOSTS = tuple(f"paper{number}.test" for number in range(SOURCES))
DOWN, FAILED = "our own network seems to be down", "outcome=failed"
#: longer than our own network is given up for
AN_HOUR = 3700


@pytest.fixture
def names(tmp_path: Path) -> Iterator[Names]:
    with Names(tmp_path).serving() as names:
        yield names


@pytest.fixture
def station(names: Names, tmp_path: Path) -> Iterator[Station]:
    with Origin() as origin:
        yield Station(origin, tmp_path, hosts=HOSTS, prefix=names.prefix)


@pytest.mark.timeout(600)
def test_names_that_cannot_be_found_cost_nothing(station: Station, names: Names, clock: Clock) -> None:
    names.only, names.mode = HOSTS[0], "unknown"
    with station.running() as program:
        wait_until(lambda: f"source=paper-0 {FAILED} kind=dns" in station.tail(), what="the trouble of one")
        late = station.append(1)
        wait_until(lambda: late in station.look(program.get("/feeds/all.atom")[2]), what="news of the others")
        names.only, names.mode = None, "ok"
        station.settle(program)
        assert DOWN not in station.tail(10**6)
    for number, mode in enumerate(MODES, 1):
        names.mode = mode
        # names that were found are remembered for a while by a program that runs
        with station.running() as program:
            for source in range(SOURCES):
                station.append(source)
            wait_until(lambda n=number: station.tail(10**6).count(DOWN) >= n, timeout_s=90, what=mode)
            wait_until(lambda: kinds(station) == {"offline"}, what="nobody's failure")
            assert program.get("/feeds/all.atom")[0] == 200
            names.mode = "ok"
            # a look-up that nobody answered may still be under way at the first of these hours
            hours = iter(range(10 * number, 10 * number + 9))
            wait_until(lambda hours=hours: comes_later(station, program, clock, next(hours, 0)),
                       timeout_s=120, what=mode)  # fmt: skip
            station.settle(program)
    station.judge()
    assert not station.surprises()


def comes_later(station: Station, program: Running, clock: Clock, hours: int) -> bool:
    """Tell whether everything is there soon after so many hours."""
    clock.set(hours * AN_HOUR)
    with contextlib.suppress(AssertionError):
        station.settle(program, timeout_s=12)
        return True
    return False


def kinds(station: Station) -> set[str | None]:
    """Return what is wrong with the sources."""
    return {row["kind"] for row in json_lines(station.config, "sources")}
