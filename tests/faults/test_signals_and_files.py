"""Signals at any moment, and a configuration that is torn up and mended while everything runs."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.faults.conftest import STRIKES, each_world, long_only
from tests.faults.station import Station, end
from tests.running import aggregator, family, is_gone, wait_until

GARBAGE = [
    b"\x00\xff\xfe garbage",
    b"",
    b"sources: [",
    b"[1, 2",
    b"&a [*a, *a]",
    b"feeds: {all: {quary: ''}}\n",
]


def minds(pid: int, number: signal.Signals) -> bool:
    """Whether the process ignores or handles the signal, instead of ending at it."""
    lines = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines())
    return any(int(lines[mask], 16) >> (number - 1) & 1 for mask in ("SigIgn", "SigCgt"))


@each_world
@pytest.mark.timeout(60 + 20 * max(6, STRIKES))
def test_signals_at_any_moment_end_it_in_time_and_lose_nothing(
    station: Station, dice: random.Random, world: int
) -> None:
    with station.appending():
        for number in range(STRIKES or 2):
            ending = (signal.SIGTERM, signal.SIGINT)[number % 2]
            program = station.start(wait=number % 2 == 0)
            try:
                # no program survives it before its first own instruction
                wait_until(
                    lambda pid=program.process.pid: minds(pid, signal.SIGHUP), what="SIGHUP to be minded"
                )
                for _ in range(dice.randrange(3)):
                    time.sleep(dice.uniform(0, 0.7))  # the moment is the point of the test
                    program.process.send_signal(signal.SIGHUP)
                assert program.process.poll() is None, f"a reload ended it\n{station.tail()}"
                time.sleep(dice.uniform(0, 1))
                members = list(family(program.process.pid))
                began = time.monotonic()
                program.process.send_signal(ending)
                code = program.process.wait(15)
                assert time.monotonic() - began < 10.0
                # before it is up, the signal may find it without a handler
                assert code in (0, -ending, 130, 1)
                for pid in members:
                    wait_until(lambda pid=pid: is_gone(pid), timeout_s=15, what=f"process {pid} to end")
            finally:
                end(program)
    with station.running() as program:
        station.settle(program)
    station.judge()


def test_a_configuration_torn_up_and_mended_loses_nothing(station: Station) -> None:
    good = station.config.read_bytes()
    with station.appending(), station.running() as program:
        wait_until(lambda: station.look(program.get("/feeds/all.atom")[2]), what="the first articles")
        for number, garbage in enumerate(GARBAGE if STRIKES else GARBAGE[::2], 1):
            station.config.write_bytes(garbage)
            wait_until(lambda n=number: station.tail(10**6).count("refused") >= n, what=f"refusal {number}")
            assert program.get("/feeds/all.atom")[0] == 200
        station.config.unlink()
        wait_until(lambda: "there is no such file" in station.tail(), what="the missing file to be noticed")
        again = good.replace(b"title: All", b"title: All again")
        station.config.write_bytes(again)
        wait_until(lambda: b"All again" in program.get("/feeds/all.atom")[2], what="the new title")
        station.config.write_bytes(good)
        wait_until(lambda: b"All again" not in program.get("/feeds/all.atom")[2], what="the old title")
        station.settle(program)
    station.judge()
    assert not station.surprises()


@long_only
def test_sources_that_leave_and_return_bring_nothing_twice(station: Station) -> None:
    good = station.config.read_text("utf-8")
    lines = good.splitlines(keepends=True)
    with station.running() as program:
        station.settle(program)
        station.config.write_text("".join(lines[:-2]), "utf-8")
        wait_until(lambda: "configuration applied" in station.tail(), what="two sources fewer")
        aggregator(station.config, "poll", "--all")
        for source in range(4):
            station.append(source)
        station.config.write_text(good, "utf-8")
        station.settle(program)
    station.judge()
