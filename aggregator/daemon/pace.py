"""Pace: how many polls of one site run at once in this process, and how far apart they start.

The database spaces the claims of all workers; this holds for polls that were claimed in one go
(`aggregator poll --all`) and for what is under way in this process. It knows no URL and no due time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aggregator.http.groups import is_shared
from aggregator.http.politeness import Turns


class Pace:
    """Bounded concurrency per site and in all, and a least time between starts; one event loop."""

    def __init__(self, *, per_site: int, in_all: int, spacing_s: float) -> None:
        self._turns = Turns(per_site, in_all)
        self._spacing_s = spacing_s
        self._free_at: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, site: str) -> AsyncIterator[None]:
        """Wait until a poll of *site* may start, and hold its place inside the block."""
        async with self._turns.turn(site):
            if wait_s := self._wait_s(site):
                await asyncio.sleep(wait_s)
            yield

    def _wait_s(self, site: str) -> float:
        if not self._spacing_s or not is_shared(site):
            return 0.0
        now = asyncio.get_running_loop().time()
        for name in [name for name, at in self._free_at.items() if at <= now]:
            del self._free_at[name]
        start = self._free_at.get(site, now)
        self._free_at[site] = start + self._spacing_s
        return start - now
