"""Room: large answers wait for one another, small ones for nobody, and nothing taken is lost."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace

import pytest

from aggregator.http import room
from aggregator.http.answer import Answer
from aggregator.http.client import Client
from aggregator.http.errors import TimedOut
from aggregator.http.politeness import Turns
from aggregator.http.room import LARGE_BYTES, Room
from tests.http.conftest import LOOPBACK
from tests.origin import Origin, Reply

PACKED = (("Content-Encoding", "gzip"),)
SMALL, LARGE = b"x" * 1000, b"x" * (2 * LARGE_BYTES)


async def settle() -> None:
    """Let everything that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_share_takes_whole_and_the_next_one_waits_until_its_block_ends() -> None:
    async def play() -> list[str]:
        room, done = Room(100), []

        async def poll(name: str, count: int) -> None:
            with room.share() as share:
                await share.need(count)
                done.append(name)
                await release.wait()

        release = asyncio.Event()
        polls = [asyncio.create_task(poll(name, count)) for name, count in {"a": 60, "b": 60, "c": 1}.items()]
        await settle()
        assert done == ["a"]  # c would fit, but b came first
        release.set()
        await asyncio.gather(*polls)
        assert room._free == 100
        return done

    assert asyncio.run(play()) == ["a", "b", "c"]


def test_what_is_larger_than_the_room_has_it_to_itself() -> None:
    async def play() -> None:
        room = Room(100)
        with room.share() as share:
            await share.need(1000)
            assert room._free == 0
            share.keep(30)
            assert room._free == 70
            with room.share() as inner:
                assert inner is share
            assert room._free == 70
        assert room._free == 100

    asyncio.run(play())


@pytest.mark.parametrize("reply", [Reply(body=LARGE), Reply(headers=PACKED, body=gzip.compress(LARGE))])
def test_who_waits_too_long_for_room_has_reached_somebody(
    origin: Origin, monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    monkeypatch.setattr(room, "LONGEST_WAIT_S", 0.05)
    origin.on("/", reply)

    async def play() -> TimedOut:
        async with Client(LOOPBACK, user_agent="x") as client:
            await client.room.take(room.ROOM_BYTES)
            with pytest.raises(TimedOut, match="other large answers") as late:
                await client.request("GET", origin.url("/"))
            return late.value

    assert asyncio.run(play()).is_reached


def test_who_waits_too_long_is_told_and_who_leaves_takes_nothing_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "LONGEST_WAIT_S", 0.05)

    async def play() -> None:
        room = Room(100)
        assert await room.take(100) == 100
        with pytest.raises(TimedOut, match="other large answers"):
            await room.take(1)
        leaving = asyncio.create_task(room.take(50))
        await settle()
        leaving.cancel()
        room.give(100)
        await asyncio.wait([leaving])
        assert room._free == 100

    asyncio.run(play())


def test_who_waits_for_room_leaves_its_turn_to_others() -> None:
    async def play() -> None:
        turns, room = Turns(per_host=2, in_all=1), Room(10)
        await room.take(10)

        async def large() -> None:
            async with turns.turn("large.example"):
                await room.take(5)

        waiting = asyncio.create_task(large())
        await settle()
        async with asyncio.timeout(30), turns.turn("small.example"):
            room.give(10)
        await waiting
        async with asyncio.timeout(30), turns.turn("small.example"):
            pass

    asyncio.run(play())


@pytest.mark.parametrize("packed", [False, True])
def test_small_answers_pass_large_ones_that_wait(origin: Origin, packed: bool) -> None:
    headers = (("Content-Encoding", "gzip"),) if packed else ()
    large = origin.on("/large", Reply(headers=headers, body=gzip.compress(LARGE) if packed else LARGE))
    small = origin.on("/small", Reply(body=SMALL))

    async def play() -> tuple[Answer, Answer]:
        settings = replace(LOOPBACK, concurrency=1)
        async with Client(settings, user_agent="test") as client:
            held = await client.room.take(10**9)
            waiting = asyncio.create_task(client.request("GET", large))
            while not client.room._waiting:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            passed = await client.request("GET", small)
            assert not waiting.done()
            client.room.give(held)
            return passed, await waiting

    passed, waited = asyncio.run(play())
    assert (passed.body, waited.body) == (SMALL, LARGE)


def test_a_body_counts_until_its_reader_is_done(origin: Origin) -> None:
    url = origin.on("/", Reply(body=LARGE))

    async def play() -> None:
        async with Client(LOOPBACK, user_agent="test") as client:
            free = client.room._free
            with client.room.share():
                await client.request("GET", url)
                assert client.room._free == free - len(LARGE)
            assert client.room._free == free

    asyncio.run(play())
