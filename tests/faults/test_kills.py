"""Processes killed outright at any moment: nothing lost, nothing twice, nothing left running."""

from __future__ import annotations

import random
import time

import pytest

from tests.faults.conftest import ROUNDS
from tests.faults.station import Station, child_of, end, family, is_gone, kill
from tests.running import Running, wait_until


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


@pytest.mark.timeout(60 + 30 * max(6, ROUNDS))
def test_kills_at_random_moments_neither_lose_nor_repeat(station: Station, dice: random.Random) -> None:
    rounds = ROUNDS or 4
    with station.appending():
        for _ in range(rounds):
            program = station.start(wait=dice.random() < 0.7)
            members = list(family(program.process.pid))
            time.sleep(dice.uniform(0, 2.5))  # the moment is the point of the test
            members += list(family(program.process.pid))
            strike(program, dice)
            try:
                wait_until(lambda: program.process.poll() is not None, timeout_s=2)
            except AssertionError:
                # a helper process: replaced, and the rest goes on
                station.look(wait_until(lambda: program.get("/feeds/all.atom"), what="the feed")[2])
                end(program)
            for pid in set(members):
                wait_until(lambda pid=pid: is_gone(pid), timeout_s=20, what=f"process {pid} to end")
    with station.running() as program:
        station.settle(program)
    station.judge()
