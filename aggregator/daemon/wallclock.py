"""The wall clock, watched by the one that cannot be set: what was planned by a wrong time is planned anew.

In: both clocks, once a second. Out: a call when somebody set the wall clock back. The scheduler
cannot notice that itself: its jobs are planned by the wall clock, and would wait until it is that late again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aggregator.daemon.steady import steady

log = logging.getLogger("aggregator.worker")

LOOK_S = 1.0
#: it was set back when it went back by more than this between two looks
SET_BACK_S = 60.0


class WallClock:
    """Calls *on_set_back* after the wall clock was set back.

    Args:
        on_set_back: while it raises StoreError, it is called again with the next look.
        wall: seconds of the clock that people set.
        even: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        on_set_back: Callable[[], Awaitable[None]],
        wall: Callable[[], float] = time.time,
        even: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_set_back, self._wall, self._even = on_set_back, wall, even
        self._ahead = wall() - even()

    async def watch(self, stop: asyncio.Event) -> None:
        """Look once a second until *stop*."""
        look = steady(self.look, log)
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)
            await look()

    async def look(self) -> None:
        """Compare the clocks once."""
        ahead = self._wall() - self._even()
        if ahead < self._ahead - SET_BACK_S:
            log.warning("the clock was set back by %d s", self._ahead - ahead)
            await self._on_set_back()
        self._ahead = ahead
