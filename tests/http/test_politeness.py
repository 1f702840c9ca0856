"""Turns: bounded at each host and in all, and nothing kept for hosts that are done."""

from __future__ import annotations

import asyncio

from aggregator.http.politeness import Turns


class Load:
    """Counts who is inside."""

    def __init__(self) -> None:
        self.inside: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.most_in_all = 0

    async def work(self, turns: Turns, host: str) -> None:
        """Take a turn, let everybody else try, and leave."""
        async with turns.turn(host):
            self.inside[host] = self.inside.get(host, 0) + 1
            self.most[host] = max(self.most.get(host, 0), self.inside[host])
            self.most_in_all = max(self.most_in_all, sum(self.inside.values()))
            try:
                for _ in range(20):
                    await asyncio.sleep(0)
            finally:
                self.inside[host] -= 1


def run(turns: Turns, hosts: list[str]) -> Load:
    load = Load()

    async def everybody() -> None:
        await asyncio.gather(*(load.work(turns, host) for host in hosts))

    asyncio.run(everybody())
    return load


def test_each_host_and_all_together_have_their_bound() -> None:
    load = run(Turns(2, 5), ["a", "b", "c", "d"] * 10)
    assert set(load.most.values()) == {2}
    assert load.most_in_all == 5


def test_a_queue_at_one_host_leaves_the_others_their_turns() -> None:
    load = run(Turns(2, 4), ["slow"] * 50 + ["b", "c"])
    assert load.most == {"slow": 2, "b": 1, "c": 1}
    assert load.most_in_all == 4


def test_hosts_that_are_done_are_forgotten() -> None:
    turns = Turns(1, 10)
    run(turns, [f"host{number}" for number in range(100)])
    assert not turns._hosts


def test_a_cancelled_waiter_gives_nothing_away() -> None:
    turns = Turns(1, 1)

    async def scene() -> int:
        load = Load()
        tasks = [asyncio.create_task(load.work(turns, "a")) for _ in range(5)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return load.most["a"]

    assert asyncio.run(scene()) == 1
    assert not turns._hosts
