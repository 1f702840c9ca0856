"""Chores that one of several processes does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine

from aggregator.store.turns import is_my_turn, take_one_of
from tests.store.making import HOUR, NOW

EVERY = 600.0


def test_a_chore_is_one_process_s_each_time_it_is_due(engine: Engine) -> None:
    assert is_my_turn(engine, "ranking", EVERY, NOW)
    assert not is_my_turn(engine, "ranking", EVERY, NOW + timedelta(seconds=300))
    assert is_my_turn(engine, "maintenance", EVERY, NOW), "chores have nothing to do with each other"
    # the one that takes it comes a moment early: its clock is its own
    assert is_my_turn(engine, "ranking", EVERY, NOW + timedelta(seconds=595))
    assert not is_my_turn(engine, "ranking", EVERY, NOW + timedelta(seconds=700))


def test_of_many_that_ask_at_once_one_has_the_turn(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(is_my_turn, engine, "maintenance", EVERY, NOW) for _ in range(12)]
    assert sum(one.result() for one in asked) == 1


def test_a_turn_taken_by_a_clock_that_was_wrong_binds_nobody(engine: Engine) -> None:
    assert is_my_turn(engine, "maintenance", EVERY, NOW + 48 * HOUR)
    assert is_my_turn(engine, "maintenance", EVERY, NOW)


def test_so_many_turns_in_so_long_a_time_are_shared_by_all(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(take_one_of, engine, "token", 3, 60, NOW) for _ in range(8)]
    assert sum(one.result() for one in asked) == 3
    later = [take_one_of(engine, "token", 3, 60, NOW + timedelta(seconds=61)) for _ in range(4)]
    assert later == [True, True, True, False]
