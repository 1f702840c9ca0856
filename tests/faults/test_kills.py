"""Processes killed outright at any moment: nothing lost, nothing twice, nothing left running."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time

import pytest

from tests.faults.conftest import ROUNDS
from tests.faults.station import Station, child_of, end, kill
from tests.running import Running, family, is_gone, wait_until


def strike(program: Running, dice: random.Random) -> str:
    """Kill the parent, its worker, its web server, or any other process of the program."""
    whom = dice.choice(["run", "worker", "web", "any"])
    match whom:
        case "run":
            pid = program.process.pid
        case "any":
            pid = dice.choice(list(family(program.process.pid)) or [program.process.pid])
        case _:
            pid = child_of(program, whom)
    kill(pid)
    return whom


def ends_soon(program: Running) -> bool:
    """Tell whether the program ends by itself, as when a part of it is killed; else it serves."""

    def is_settled() -> bool:
        return program.process.poll() is not None or program.get("/feeds/all.atom")[0] == 200

    with contextlib.suppress(subprocess.TimeoutExpired):
        program.process.wait(1.5)
    wait_until(is_settled, what="the program to end or to serve")
    return program.process.poll() is not None


@pytest.mark.timeout(60 + 30 * max(6, ROUNDS))
def test_kills_at_random_moments_neither_lose_nor_repeat(station: Station, dice: random.Random) -> None:
    rounds = ROUNDS or 3
    with station.appending():
        for number in range(rounds):
            program = station.start(wait=dice.random() < 0.7)
            members = list(family(program.process.pid))
            time.sleep(dice.uniform(0, 2.5))  # the moment is the point of the test
            members += list(family(program.process.pid))
            print(f"round {number}: {strike(program, dice)}")
            if not ends_soon(program):
                # it was a helper process: another took its place, and the rest went on
                station.look(program.get("/feeds/all.atom")[2])
                end(program)
            if dice.random() < 0.5:  # else the next one starts while this one's children still end
                for pid in set(members):
                    wait_until(lambda pid=pid: is_gone(pid), timeout_s=20, what=f"process {pid} to end")
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
