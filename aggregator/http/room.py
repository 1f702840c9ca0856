"""Room: how many bytes of large answers this process holds at once.

A small answer is read as it comes. One that grows beyond LARGE_BYTES first takes room for all that
it may become, whole and once, so that no two wait for one another; while it waits, small answers
have its turn. What a share took stays taken until its block ends: a body counts until it was read.
Belongs to one event loop; it touches no bytes itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aggregator.http.errors import TimedOut
from aggregator.http.politeness import give_turns_back

#: an answer that grows beyond this takes room
LARGE_BYTES = 256 * 1024
#: large answers that this process holds at once, in bytes; a larger one has it all to itself
ROOM_BYTES = 48_000_000
#: an answer waits so long for room, then it is given up and asked for again later
LONGEST_WAIT_S = 60.0
#: answers that wait without holding a turn: each has a small part in memory already
MOST_ASIDE = 64


class Room:
    """The bytes that large answers may take together; first come, first served."""

    def __init__(self, size: int = ROOM_BYTES) -> None:
        self._size = self._free = size
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @contextmanager
    def share(self) -> Iterator[Share]:
        """Hold what is taken inside the block until its end; inside another share, until that one's."""
        outer = _share.get()
        if outer is not None:
            yield outer
            return
        share = Share(self)
        token = _share.set(share)
        try:
            yield share
        finally:
            _share.reset(token)
            share.keep(0)

    async def take(self, count: int) -> int:
        """Wait for *count* bytes and return how many were taken: never more than there are in all.

        Raises:
            TimedOut: others held the room for too long.
        """
        count = min(count, self._size)
        if not self._waiting and count <= self._free:
            self._free -= count
            return count
        if len(self._waiting) < MOST_ASIDE:
            give_turns_back()
        place = asyncio.get_running_loop().create_future()
        self._waiting.append((count, place))
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self.give(count)
            else:
                with contextlib.suppress(ValueError):
                    self._waiting.remove((count, place))
                self.give(0)
            if isinstance(error, TimeoutError):
                reason = "many other large answers are being read: it is asked for again later"
                raise TimedOut(reason) from None
            raise
        return count

    def give(self, count: int) -> None:
        """Give bytes back, to those who wait."""
        self._free += count
        while self._waiting and self._waiting[0][0] <= self._free:
            taken, place = self._waiting.popleft()
            if not place.done():
                self._free -= taken
                place.set_result(None)


class Share:
    """What one poll holds of the room."""

    def __init__(self, room: Room) -> None:
        self._room, self._held = room, 0

    async def need(self, count: int) -> None:
        """Hold at least *count* bytes. Raises: TimedOut."""
        if count > self._held:
            # nobody waits while holding something
            self.keep(0)
            self._held = await self._room.take(count)

    def keep(self, count: int) -> None:
        """Give back what is held beyond *count* bytes."""
        spare = self._held - min(count, self._held)
        self._held -= spare
        self._room.give(spare)


_share: ContextVar[Share | None] = ContextVar("share", default=None)


def share_of_room() -> Share:
    """Return the share that this task holds. Raises: LookupError: none."""
    share = _share.get()
    if share is None:
        raise LookupError("no share of the room is held here")
    return share
