"""Turns: how many requests run at once, to one host and in all.

A request takes a turn before it starts and gives it back when its answer is complete. Waiting
for a turn is not counted against the request's deadline. Nobody holds a turn while waiting for
another, so there is no deadlock. It knows nothing of URLs, times or intervals.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar


class _Turn:
    """One of the turns of all hosts together, or another that is given back with them."""

    def __init__(self, release: Callable[[], None]) -> None:
        self._release, self._is_held = release, True

    def give_back(self) -> None:
        if self._is_held:
            self._is_held = False
            self._release()


_held: ContextVar[tuple[_Turn, ...]] = ContextVar("held", default=())


def give_turns_back() -> None:
    """Give back the turns that this task holds, but those at hosts: what it does next keeps nobody else."""
    for turn in _held.get():
        turn.give_back()


@contextmanager
def held_turn(release: Callable[[], None]) -> Iterator[None]:
    """Have *release* called at the end of the block, or before, when its task gives its turns back."""
    turn = _Turn(release)
    token = _held.set((*_held.get(), turn))
    try:
        yield
    finally:
        _held.reset(token)
        turn.give_back()


class Turns:
    """Bounded concurrency per host and in all; belongs to one event loop."""

    def __init__(self, per_host: int, in_all: int) -> None:
        self._per_host = max(1, per_host)
        self._all = asyncio.Semaphore(max(1, in_all))
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at *host*, hold it inside the block."""
        semaphore = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        self._users[host] = self._users.get(host, 0) + 1
        try:
            # The host's turn comes first: a queue at one slow host must not use up the turns of all.
            async with semaphore:
                await self._all.acquire()
                with held_turn(self._all.release):
                    yield
        finally:
            self._users[host] -= 1
            if not self._users[host]:
                del self._users[host], self._hosts[host]
