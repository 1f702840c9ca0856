"""A fresh station for each test of this folder."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.clock import Clock
from tests.faults.station import Station
from tests.origin import Origin

#: how many times the long tests strike; `make faults` asks for many
ROUNDS = int(os.environ.get("AGGREGATOR_FAULTS", "0"))

#: long strikes are shared out among so many stations, which run beside one another under `pytest -n 4`
WORLDS = 4 if ROUNDS >= 4 else 1
#: how often the long tests strike in one of these
STRIKES = -(-ROUNDS // WORLDS)

#: the test strikes in each of these worlds
each_world = pytest.mark.parametrize("world", range(WORLDS))
long_only = pytest.mark.skipif(not ROUNDS, reason="long: make faults")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Origin() as origin:
        yield Station(origin, tmp_path)


@pytest.fixture
def clock(station: Station) -> Clock:
    """The clock of the station's program."""
    clock = Clock(station.folder)
    station.environment |= clock.environment
    return clock


@pytest.fixture
def dice() -> random.Random:
    """Chance, whose seed is printed and can be given again as AGGREGATOR_FAULTS_SEED."""
    seed = int(os.environ.get("AGGREGATOR_FAULTS_SEED", "0")) or random.randrange(1, 10**9)
    print(f"AGGREGATOR_FAULTS_SEED={seed}")
    return random.Random(seed)
