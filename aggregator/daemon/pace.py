"""Pace: how many polls of one site run at once in this process, and how far apart they start.

The database spaces the claims of all workers; this holds for polls that were claimed in one go
(`aggregator poll --all`) and for what is under way in this process. It knows no URL and no due time.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

from aggregator.http.groups import is_shared
from aggregator.http.politeness import Turns


class Pace:
    """Bounded concurrency per site and in all, and a least time between starts; one event loop."""

    def __init__(self, *, per_site: int, in_all: int, spacing_s: float) -> None:
        self._turns = Turns(per_site, in_all)
        self._spacing_s = spacing_s
        self._free_at: dict[str, float] = {}

    def turn(self, site: str) -> AbstractAsyncContextManager[None]:
        """Wait until one of those that may ask *site* at once has ended, and be one inside the block."""
        return self._turns.turn(site)

    async def keep_distance(self, site: str) -> None:
        """Wait until *site* may be asked: to be called in a turn, right before it is."""
        await asyncio.sleep(self._wait_s(site))

    def _wait_s(self, site: str) -> float:
        if not self._spacing_s or not is_shared(site):
            return 0.0
        now = asyncio.get_running_loop().time()
        for name in [name for name, at in self._free_at.items() if at <= now]:
            del self._free_at[name]
        start = self._free_at.get(site, now)
        self._free_at[site] = start + self._spacing_s
        return start - now
