"""PostgreSQL loses sessions, restarts, and its workers are killed: nothing lost, twice or late."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.faults.conftest import ROUNDS, long_only
from tests.faults.station import Station, child_of, end, kill
from tests.origin import Origin
from tests.running import Running, wait_until


@pytest.fixture
def station(server: Any, tmp_path: Path) -> Iterator[Station]:
    with Origin() as origin:
        yield Station(origin, tmp_path, server.get_uri())


def terminate_sessions(server: Any) -> int:
    """End every other session, as an administrator may; return how many."""
    engine = create_engine(make_url(server.get_uri()).set(drivername="postgresql+psycopg"))
    ended = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                 "WHERE pid <> pg_backend_pid() AND application_name = 'aggregator'")  # fmt: skip
    with engine.connect() as connection:
        count = int(connection.scalar(ended) or 0)
    engine.dispose()
    return count


def brings(station: Station, program: Running) -> None:
    """Wait until something new at the origin is in the feed."""
    late = station.append(0)
    wait_until(lambda: late in station.look(program.get("/feeds/all.atom")[2]), timeout_s=90, what=late)


@long_only
@pytest.mark.timeout(600)
def test_sessions_that_are_ended_and_a_server_that_restarts_cost_nothing(
    station: Station, server: Any, dice: random.Random
) -> None:
    ended = 0
    with station.appending(), station.running() as program:
        brings(station, program)
        for _ in range(max(ROUNDS // 2, 3)):
            time.sleep(dice.uniform(0, 1))  # the moment is the point of the test
            ended += terminate_sessions(server)
        brings(station, program)
        server.stop()
        wait_until(lambda: "outcome=away" in station.tail(), timeout_s=60, what="the complaint")
        server.start()
        brings(station, program)
        station.settle(program, timeout_s=90)
    assert ended
    station.judge()
    assert not station.surprises()
    print(f"sessions ended: {ended}")


@pytest.mark.timeout(300)
def test_what_a_killed_worker_held_is_polled_at_once_by_the_next(station: Station) -> None:
    station.keeps_waiting = True
    program = station.start()
    wait_until(lambda: station.origin.requests, what="a poll under way")
    kill(child_of(program, "worker"))
    end(program)
    station.keeps_waiting = False
    station.append(0)
    with station.running() as program:
        # its claim alone would keep the source for three minutes
        station.settle(program, timeout_s=90)
    station.judge()
