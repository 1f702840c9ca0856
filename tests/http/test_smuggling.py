"""A server that answers before it is asked puts no words into the mouth of its neighbours."""

from __future__ import annotations

import asyncio
import threading
import tracemalloc

import pytest

from aggregator.http.client import Client
from aggregator.http.errors import ConnectFailed
from tests.hostile.server import Hostile, Line
from tests.hostile.transport import then_endless
from tests.http.conftest import LOOPBACK

FIRST = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<one>"
SECOND = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<evil>"
OWN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<own>"


def test_a_second_answer_is_nobodys() -> None:
    is_taken, is_sent = threading.Event(), threading.Event()

    def talkative(line: Line) -> None:
        line.send(FIRST)
        assert is_taken.wait(30)
        line.send(SECOND)
        is_sent.set()
        line.wait(5)

    async def play(url: str) -> tuple[bytes, bytes]:
        async with Client(LOOPBACK, user_agent="test") as client:
            first = await client.request("GET", f"{url}talkative")
            is_taken.set()
            assert await asyncio.to_thread(is_sent.wait, 30)
            for _ in range(50):  # what was sent is read by the loop
                await asyncio.sleep(0)
            return first.body, (await client.request("GET", f"{url}own")).body

    with Hostile() as origin:
        origin.on("/talkative", talkative)
        origin.on("/own", lambda line: line.send(OWN))
        assert asyncio.run(play(origin.url())) == (b"<one>", b"<own>")


def test_interim_answers_without_end_are_listened_to_for_a_moment() -> None:
    """A thousandth of what is sent would fill the patience of 30 s, and each would take a kilobyte."""
    flood = b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100_000

    async def ask(url: str) -> None:
        async with Client(LOOPBACK, user_agent="test") as client:
            await client.request("GET", f"{url}flood")

    with Hostile() as origin:
        origin.on("/flood", then_endless(b"", flood))
        tracemalloc.start()
        try:
            with pytest.raises(ConnectFailed):
                asyncio.run(ask(origin.url()))
            assert tracemalloc.get_traced_memory()[1] < 30_000_000
        finally:
            tracemalloc.stop()
