"""The intake: finished polls flow in, and batches of them become transactions on the store's thread.

What finished is gathered for a moment. While the store is away it waits here, and while a batch waits nothing
else is asked for or read. Nothing here decides what an entry means.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.daemon.journal import log_poll
from aggregator.daemon.steady import StoreAway, surprises
from aggregator.daemon.storethread import StoreThread
from aggregator.errors import StoreError
from aggregator.model import Failed, FailureKind
from aggregator.parse.heap import LARGE_BYTES, give_back
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import RulesInForce, take_in
from aggregator.pipeline.telling import Teller
from aggregator.schedule.cadence import PRICE
from aggregator.store.articles.saving import Saved

log = logging.getLogger("aggregator.poll")

#: a batch is taken in when this many polls have finished …
BATCH_POLLS = 256
#: … or this many entries are waiting …
BATCH_ENTRIES = 250
#: … or they came in so many bytes of documents …
BATCH_BYTES = 8_000_000
#: … or the oldest has waited this long, in seconds
BATCH_WAIT_S = 0.25
#: seconds before a store that was away is tried again
AGAIN_S = 2.0


class Intake:
    """Takes finished polls in, many in one transaction.

    Args:
        on_saved: called on the event loop after each transaction.
        patience_s: how long a finished poll waits for a store that is away; then it counts as failed.
    """

    def __init__(
        self,
        store: StoreThread,
        rules: RulesInForce,
        sandbox: Sandbox,
        clock: Callable[[], datetime],
        *,
        on_saved: Callable[[Sequence[Polled], Saved], None] | None = None,
        patience_s: float = 0.0,
    ) -> None:
        self.rules = rules
        #: of a request, for the polls that we choose ourselves
        self.price = PRICE
        #: set while polls may start
        self.has_room = asyncio.Event()
        self.has_room.set()
        #: says when the store goes away and comes back
        self.away = StoreAway(log)
        self._store, self._sandbox, self._clock, self._on_saved = store, sandbox, clock, on_saved
        self._patience = timedelta(seconds=patience_s)
        self._finished: list[Polled] = []
        #: finished, but the store was away: taken in with the next flush
        self._waiting: list[Polled] = []
        #: bytes of documents that were taken in since memory was given back
        self._passed = 0
        #: used on the store's thread alone
        self._teller = Teller()
        self._flushing = asyncio.Lock()
        self._flushes: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return how many polls are finished and not yet taken in."""
        return len(self._finished) + len(self._waiting)

    def add(self, polled: Polled, *, is_last: bool = False) -> None:
        """Have a finished poll, or what was pushed, taken in with the next batch; at once if it *is_last*."""
        self._finished.append(polled)
        is_full = polled.parsed is not None and self._make_room()
        if len(self._finished) >= BATCH_POLLS or is_full or is_last:
            self._flush_soon(0)
        elif self._timer is None:
            self._flush_soon(BATCH_WAIT_S)

    def excuse(self, failures: Collection[Polled], as_excused: Callable[[Polled], Polled]) -> list[Polled]:
        """Replace failed polls that were not yet taken in; return the others, which are stored."""
        excused = {id(polled) for polled in failures}
        here = {id(polled) for polled in (*self._finished, *self._waiting)}
        for polls in (self._finished, self._waiting):
            polls[:] = [as_excused(one) if id(one) in excused else one for one in polls]
        return [polled for polled in failures if id(polled) not in here]

    async def keep_up(self) -> None:
        """Do what would keep an article of a new day waiting."""
        await self._store.read(self._teller.keep_up)

    async def drain(self) -> None:
        """Take in what has finished; what the store does not take now counts as failed."""
        self._patience = timedelta(0)
        await self.flush()
        if self._timer:
            self._timer.cancel()

    async def flush(self) -> None:
        """Take in everything that has finished, be it little."""
        await self._flush(to_the_last=True)

    async def _flush(self, *, to_the_last: bool) -> None:
        """Take in a batch, and go on while another is full; or *to_the_last*."""
        async with self._flushing:
            self._finished, self._waiting = self._finished + self._waiting, []
            size = sum(polled.size for polled in self._finished)
            is_worth_it = True
            while self._finished and not self._waiting and is_worth_it:
                batch = self._next_batch()
                self._make_room()
                await self._take_in(batch)
                is_worth_it = self._make_room() or to_the_last
            self._passed += size
            if self._passed >= LARGE_BYTES and not self._finished:
                self._passed = 0
                await asyncio.to_thread(give_back)
        if self._waiting:
            self._flush_soon(AGAIN_S)
            return
        if self._patience:
            self.away.over()
        if self._finished and self._timer is None:
            self._flush_soon(BATCH_WAIT_S)

    def _flush_soon(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._spawn_flush)

    def _spawn_flush(self) -> None:
        self._timer = None
        task = asyncio.create_task(self._flush(to_the_last=False))
        self._flushes.add(task)
        task.add_done_callback(self._flushes.discard)
        task.add_done_callback(surprises(log, "taking polls in"))

    def _next_batch(self) -> list[Polled]:
        """Take off the finished polls what one transaction writes: its memory is bounded by its entries."""
        count = entries = size = 0
        while count < min(len(self._finished), BATCH_POLLS) and not _is_full(entries, size):
            entries += _entries(self._finished[count])
            size += self._finished[count].size
            count += 1
        batch, self._finished = self._finished[:count], self._finished[count:]
        return batch

    def _make_room(self) -> bool:
        """Let nothing be asked for or read while a batch waits; return whether one does.

        What is asked for and not yet read is there at once when the batch goes to the store.
        """
        waiting = (*self._finished, *self._waiting)
        is_full = _is_full(sum(map(_entries, waiting)), sum(polled.size for polled in waiting))
        if is_full:
            self.has_room.clear()
        else:
            self.has_room.set()
        # a store that is away may be away for longer than a reading may take
        self._sandbox.hold(is_full and not self._waiting)
        return is_full

    async def _take_in(self, batch: Sequence[Polled]) -> None:
        try:
            saved = await self._store.call(
                take_in, self._store.engine, batch, self.rules, self._clock(), self.price, self._teller
            )
        except Exception as error:
            if len(batch) == 1:
                await self._could_not_keep(batch[0], error)
                return
            # find the one that cannot be stored; the others are unharmed
            for number, polled in enumerate(batch, 1):
                await self._take_in([polled])
                if self._waiting:  # it is the store that is away: do not try it again for each
                    self._waiting = [*batch[number:], *self._waiting]
                    return
            return
        new = dict(saved.by_source)
        for polled in batch:
            log_poll(polled, new.get(polled.claim.source_id, 0))
        if self._on_saved:
            self._on_saved(batch, saved)

    async def _could_not_keep(self, polled: Polled, error: Exception) -> None:
        """Keep a finished poll for when the store is back, or give it up as a failure."""
        if isinstance(error, StoreError):
            if self._clock() < polled.at + self._patience:
                self.away.note(error)
                self._waiting.append(polled)
                return
            stored = "poll source=%s stage=take_in reason=%r id=%s"
            log.error(stored, polled.claim.slug, str(error), polled.claim.poll_id)
        else:
            named = (polled.claim.slug, polled.claim.poll_id)
            log.error("poll source=%s stage=take_in id=%s", *named, exc_info=error)
        await self._take_in_failure(polled)

    async def _take_in_failure(self, polled: Polled) -> None:
        """Record that the answer could not be stored, or at least give the claim back."""
        if isinstance(polled.outcome, Failed):
            return  # the claim's expiry frees the source
        reason = "internal error: the answer could not be stored; see the log"
        failed = Failed(kind=FailureKind.INTERNAL, reason=reason)
        await self._take_in([replace(polled, outcome=failed, parsed=None, body_hash=None)])


def _entries(polled: Polled) -> int:
    return len(polled.parsed.entries) + len(polled.parsed.older) if polled.parsed else 0


def _is_full(entries: int, size: int) -> bool:
    """Whether so much is enough for one transaction."""
    return entries >= BATCH_ENTRIES or size >= BATCH_BYTES
