"""Killed exactly in a write to the database: nothing lost, nothing twice, nothing torn."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from aggregator.store.engine import open_engine, writing
from aggregator.store.schema import upgrade
from tests.faults.conftest import STRIKES, each_world, long_only
from tests.faults.station import SOURCES, Station
from tests.running import aggregator, environment, json_lines, printed

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
        when = dice.randrange(1, 40 if call == "pwrite64" else 4)
        killed += is_killed(station.config, strace, call, when, "poll", "--all")
        if number % 4 == 1:
            station.look(printed(station.config, "render", "feeds/all.atom").encode())
    assert killed, "no write was hit: the test shows nothing"
    aggregator(station.config, "poll", "--all")
    station.judge()
    print(f"killed in a write: {killed}")


@long_only
@pytest.mark.parametrize("work", ["backup", "restore", "move"])
@pytest.mark.timeout(900)
def test_a_copy_of_a_store_that_is_killed_is_made_by_the_next_try(
    station: Station, dice: random.Random, strace: str, work: str
) -> None:
    for number in range(SOURCES * 50):
        station.append(number % SOURCES)
    aggregator(station.config, "poll", "--all")
    shown = printed(station.config, "render", "feeds/all.atom")
    backup, other = station.folder / "paper.backup", station.folder / "other.yaml"
    aggregator(station.config, "backup", str(backup))
    other.write_text(station.config.read_text("utf-8").replace("faults.db", "other.db"), "utf-8")
    config, words = {
        "backup": (station.config, ("backup", str(backup))),
        "restore": (other, ("restore", str(backup))),
        "move": (station.config, ("move", f"sqlite:///{station.folder}/other.db")),
    }[work]
    killed = 0
    for _ in range(max(3, STRIKES // 4)):
        # of a backup most is written by one thread, in pages; of the others in one transaction at the end
        if was_hit := is_killed(config, strace, "pwrite64", dice.randrange(1, 200), *words):
            killed += 1
            if work != "backup" or dice.random() < 0.5:  # else the backup before it must be whole still
                aggregator(config, *words)
        if work == "backup":
            aggregator(other, "restore", str(backup))
        assert printed(other, "render", "feeds/all.atom") == shown, was_hit
        for leftover in station.folder.glob("other.db*"):
            leftover.unlink()
    assert killed, "no write was hit: the test shows nothing"
    if work == "backup":
        aggregator(config, *words)  # what a killed one left behind goes with the next
    assert not list(station.folder.glob(".*"))
    print(f"killed in a write: {killed}")


@long_only
@pytest.mark.timeout(900)
def test_a_source_that_is_forgotten_while_it_is_killed_goes_for_good(
    station: Station, dice: random.Random, strace: str
) -> None:
    for number in range(SOURCES * 50):
        station.append(number % SOURCES)
    aggregator(station.config, "poll", "--all")
    forget = ("forget", "paper 0", "--yes")
    killed = sum(is_killed(station.config, strace, "pwrite64", n, *forget) for n in range(1, 40, 4))
    assert killed, "no write was hit: the test shows nothing"
    aggregator(station.config, *forget)
    station.append(0)
    aggregator(station.config, "poll", "--all")
    sources = Counter(row["source"] for row in json_lines(station.config, "articles"))
    assert sources == {"paper-0": 1, "paper-1": 51, "paper-2": 51, "paper-3": 51}
    print(f"killed in a write: {killed}")


@long_only
@pytest.mark.timeout(900)
def test_an_upgrade_that_is_killed_in_a_write_is_made_by_the_next_start(
    station: Station, dice: random.Random, strace: str
) -> None:
    killed = 0
    for _ in range(max(3, STRIKES // 10)):
        engine = open_engine(f"sqlite:///{station.folder}/faults.db")
        with writing(engine) as connection:
            upgrade(connection, "0001")
        engine.dispose()
        killed += is_killed(station.config, strace, "pwrite64", dice.randrange(1, 120), "sources")
        aggregator(station.config, "poll", "--all")
        station.judge()
        for leftover in station.folder.glob("faults.db*"):
            leftover.unlink()
        station.published.clear()  # another store, which saw them at other times
    assert killed, "no write was hit: the test shows nothing"
    print(f"killed in a write: {killed}")


def is_killed(config: Path, strace: str, call: str, when: int, *words: str) -> bool:
    """Run a command of which the kernel kills what enters *call* for the nth time; tell if it did.

    That is the command itself, or the child process that makes an upgrade for it.
    """
    kill = f"inject={call}:signal=SIGKILL:when={when}"
    command = [strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", kill, sys.executable]
    command += ["-m", "aggregator", "--config", str(config), *words]
    done = subprocess.run(command, capture_output=True, env=environment(), timeout=120, check=False)
    print(f"{' '.join(words)}: {kill}, exit {done.returncode}")
    is_child = done.returncode == 1 and b"a child process was killed" in done.stderr
    assert is_child or done.returncode in {0, -9, 137}, done.stderr
    return done.returncode != 0
