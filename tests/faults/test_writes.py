"""Killed exactly in a write to the database: nothing lost, nothing twice, nothing torn."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys

import pytest

from tests.faults.conftest import STRIKES, each_world
from tests.faults.station import Station
from tests.running import aggregator, environment

#: what SQLite writes and empties files with
CALLS = ("pwrite64", "fdatasync", "ftruncate")


@pytest.fixture
def strace() -> str:
    """A strace that may look into our processes."""
    found = shutil.which("strace")
    if found is None or subprocess.run([found, "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("no strace here, or it may not trace")
    return found


@each_world
@pytest.mark.timeout(60 + 30 * max(6, STRIKES))
def test_kills_in_the_middle_of_a_write_lose_and_repeat_nothing(
    station: Station, dice: random.Random, strace: str, world: int
) -> None:
    aggregator(station.config, "poll", "--all")
    killed = 0
    for number in range(STRIKES or 2):
        for source in range(4):
            station.append(source)
        call = "pwrite64" if number % 2 == 0 else dice.choice(CALLS)
        # the kernel kills the process when it enters the call for the nth time
        kill = f"inject={call}:signal=SIGKILL:when={dice.randrange(1, 40 if call == 'pwrite64' else 4)}"
        words = [strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", kill, sys.executable]
        words += ["-m", "aggregator", "--config", str(station.config), "poll", "--all"]
        done = subprocess.run(words, capture_output=True, env=environment(), timeout=120, check=False)
        killed += done.returncode in {-9, 137}
        print(f"round {number}: {kill}, exit {done.returncode}")
        if number % 4 == 1:
            station.look(aggregator(station.config, "render", "feeds/all.atom").stdout.encode())
    assert killed, "no write was hit: the test shows nothing"
    aggregator(station.config, "poll", "--all")
    station.judge()
    print(f"killed in a write: {killed}")
