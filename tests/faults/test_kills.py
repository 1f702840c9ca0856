"""Processes killed outright at any moment: nothing lost, nothing twice, nothing left running."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import STRIKES, WORLDS
from tests.faults.station import Station, child_of, end, kill
from tests.origin import Origin
from tests.running import Running, family, is_gone, wait_until

#: one station in four is on PostgreSQL
DATABASES = ("sqlite:///faults.db",) * 3 + ("postgresql",)


@pytest.fixture
def station(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Station]:
    database = getattr(request, "param", DATABASES[0])
    if database == "postgresql":
        database = request.getfixturevalue("server").get_uri()
    with Origin() as origin:
        yield Station(origin, tmp_path, database)


def strike(program: Running, dice: random.Random) -> tuple[str, bool]:
    """Kill the parent, worker, web server, or what these started; return which, and whether all ends."""
    parent = program.process.pid
    helpers = {pid: line for pid, line in family(parent).items() if parent_of(pid) != parent}
    whom = dice.choice(["run", "worker", "web", "helper", "helper", "helper"])
    if whom == "helper" and helpers:
        pid = dice.choice(list(helpers))
        kill(pid)
        return f"helper {helpers[pid]}", False
    kill(child_of(program, whom) if whom in {"worker", "web"} else parent)
    return whom, True


def parent_of(pid: int) -> int:
    """Return who started a process; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def has_ended(program: Running) -> bool:
    return program.process.poll() is not None


def read(station: Station, program: Running) -> set[str]:
    return station.look(program.get("/feeds/all.atom")[2])


@pytest.mark.parametrize("station", DATABASES[-WORLDS:] if WORLDS > 1 else DATABASES[:1], indirect=True)
@pytest.mark.timeout(60 + 30 * max(6, STRIKES))
def test_kills_at_random_moments_neither_lose_nor_repeat(station: Station, dice: random.Random) -> None:
    members: set[int] = set()
    program: Running | None = None
    with station.appending():
        for number in range(STRIKES or 3):
            if program is None:
                if dice.random() < 0.5:  # else it starts while children of the one before still end
                    for pid in members:
                        wait_until(lambda pid=pid: is_gone(pid), timeout_s=20, what=f"process {pid} to end")
                program, members = station.start(wait=dice.random() < 0.7), set()
            members |= set(family(program.process.pid))
            time.sleep(dice.uniform(0, 2))  # the moment is the point of the test
            members |= set(family(program.process.pid))
            whom, is_end = strike(program, dice)
            print(f"strike {number}: {whom}")
            if is_end:
                program.process.wait(30)
                program = None
                continue
            # a helper process: another takes its place, and the rest goes on
            late = station.append(0)
            wait_until(lambda p=program, late=late: has_ended(p) or late in read(station, p), what=late)
            if has_ended(program):  # a web server whose process dies twice in a few seconds gives up
                assert "crash loop" in station.tail()
                program = None
    if program:
        end(program)
    with station.running() as program:
        station.settle(program)
    station.judge()


def test_a_program_that_was_killed_starts_again_at_once(station: Station) -> None:
    program = station.start()
    station.keeps_waiting = True
    before = len(station.origin.requests)
    wait_until(lambda: len(station.origin.requests) > before, what="a poll to drain")
    members = list(family(program.process.pid))
    kill(program.process.pid)
    program.process.wait()
    station.keeps_waiting = False
    station.append(0)
    with station.running() as program:
        station.settle(program)
        for pid in members:
            wait_until(lambda pid=pid: is_gone(pid), timeout_s=20, what=f"process {pid} to end")
    station.judge()
