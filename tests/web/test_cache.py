"""The memories of a process: bounded, current, for as long as they may be."""

from __future__ import annotations

import pytest

from aggregator.errors import StoreError
from aggregator.web.cache import Paced, TtlCache
from aggregator.web.desk import Desk
from tests.store.making import arrive, entry


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_value_is_read_at_most_once_in_its_time():
    clock, reads = Clock(), []
    memory = TtlCache(1.0, 10, clock)
    for moment in (0.0, 0.5, 0.99, 1.0, 1.5, 2.5):
        clock.now = moment
        memory.get("a", lambda moment=moment: reads.append(moment) or moment)
    assert reads == [0.0, 1.0, 2.5]


def test_nothing_is_fresh_that_was_not_read():
    clock = Clock()
    memory = TtlCache(1.0, 10, clock)
    assert memory.find_fresh("a") is None
    memory.get("a", lambda: 1)
    assert memory.find_fresh("a") == 1
    clock.now = 1.0
    assert memory.find_fresh("a") is None


def test_what_is_renewed_is_read_again_and_stands_as_long_as_is_said_then():
    clock, reads = Clock(), []
    memory = TtlCache(1.0, 10, clock)
    for moment, seconds in ((0.0, None), (0.5, 10.0), (9.0, None), (11.0, 1.0), (11.5, None), (12.5, None)):
        clock.now = moment
        if seconds:
            memory.renew(seconds)
            clock.now += 0.01
        memory.get("a", lambda moment=moment: reads.append(moment) or moment)
    assert reads == [0.0, 0.5, 11.0, 12.5]


def test_what_was_being_read_when_it_was_renewed_is_read_again():
    clock, reads = Clock(), []
    memory = TtlCache(10.0, 10, clock)

    def read():
        reads.append(clock.now)
        clock.now += 1
        if len(reads) == 1:
            memory.renew(10.0)
        return len(reads)

    assert [memory.get("a", read), memory.get("a", read), memory.get("a", read)] == [1, 2, 2]


def test_the_last_value_stands_in_while_the_store_is_away():
    clock = Clock()
    memory = TtlCache(1.0, 10, clock)

    def fail():
        raise StoreError("away")

    with pytest.raises(StoreError):
        memory.get("a", fail)
    memory.get("a", lambda: "old")
    clock.now = 5.0
    assert memory.get("a", fail) == "old"


def test_a_memory_forgets_what_is_too_much():
    memory = TtlCache(1.0, 3, Clock())
    for number in range(1000):
        memory.get(number, lambda number=number: number)
    assert memory.find_fresh(999) == 999
    assert sum(memory.find_fresh(number) is not None for number in range(1000)) == 3


def test_a_value_is_kept_as_long_as_it_tells():
    clock, reads = Clock(), []
    memory = Paced(lambda value: value * 10, clock)
    for moment in (0.0, 9.9, 10.0, 29.9, 30.0):
        clock.now = moment
        memory.get(lambda: reads.append(clock.now) or len(reads))
    assert reads == [0.0, 10.0, 30.0]


def test_what_needs_no_keeping_is_never_old():
    memory = Paced(lambda _: 0.0, Clock())
    values = iter((1, 2, 3))
    assert [memory.get(lambda: next(values)) for _ in range(3)] == [1, 2, 3]


def test_editions_of_long_articles_are_not_hoarded(paper, monkeypatch):
    monkeypatch.setattr("aggregator.web.desk.EDITIONS_CHARS", 40_000)
    arrive(paper.engine, "harbour-herald", entry("long", content="x" * 50_000), feeds=["front-page"])
    desk = Desk(paper.engine)
    long, short = desk.find_head("feed", "front-page"), desk.find_head("topic", "tide")
    assert desk.edition(short) is desk.edition(short)
    assert desk.edition(long) is not desk.edition(long)
