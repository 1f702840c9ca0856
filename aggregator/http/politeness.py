"""Turns: how many requests run at once, to one host and in all.

A request takes a turn before it starts and gives it back when its answer is complete. Waiting
for a turn is not counted against the request's deadline. Nobody holds a turn while waiting for
another, so there is no deadlock. It knows nothing of URLs, times or intervals.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


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
            async with semaphore, self._all:
                yield
        finally:
            self._users[host] -= 1
            if not self._users[host]:
                del self._users[host], self._hosts[host]

    @property
    def hosts_in_use(self) -> int:
        """Hosts with a running or waiting request."""
        return len(self._hosts)
