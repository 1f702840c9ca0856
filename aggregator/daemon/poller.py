"""Claims in, finished polls stored: the traffic between the event loop and the store's thread.

Polls run concurrently on the event loop; what they bring is gathered for a moment and
taken in as one short transaction on the one thread that speaks SQL. Nothing here decides
when a source is due, nor what an entry means.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from aggregator.daemon.journal import log_poll
from aggregator.daemon.pace import Pace
from aggregator.daemon.steady import Trouble
from aggregator.errors import StoreError
from aggregator.heap import LARGE_BYTES, give_back
from aggregator.http.client import Client
from aggregator.model import Claim, Failed, FailureKind, FetchSettings
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline import Polled, RulesInForce, poll_source, take_in
from aggregator.schedule.cadence import Limits
from aggregator.schedule.outage import REASON, Reach, is_answer, is_unreached, note, plan_after_outage
from aggregator.store.articles.saving import Saved
from aggregator.store.engine import Engine, reading, writing
from aggregator.store.sources.claims import release
from aggregator.store.sources.outages import forgive, resume
from aggregator.telling import Teller

log = logging.getLogger("aggregator.poll")
T = TypeVar("T")

#: a claim outlives the longest poll, with its waits for room and for a reader; a crashed worker's
#: sources are free after it
CLAIM_S = 300
#: processes that read documents
PARSE_WORKERS = 2
#: a batch is taken in when this many polls have finished …
BATCH_POLLS = 256
#: … or this many entries are waiting …
BATCH_ENTRIES = 500
#: … or they came in so many bytes of documents …
BATCH_BYTES = 8_000_000
#: … or the oldest has waited this long, in seconds
BATCH_WAIT_S = 0.25
#: seconds before a store that was away is tried again
AGAIN_S = 2.0


def utc_now() -> datetime:
    return datetime.now(UTC)


class Poller:
    """Polls claimed sources and takes their answers in.

    Args:
        on_saved: called on the event loop after each transaction.
        patience_s: how long a finished poll waits for a store that is away; then it counts as failed.
    """

    def __init__(
        self,
        engine: Engine,
        rules: RulesInForce,
        client: Client,
        sandbox: Sandbox,
        *,
        fetching: FetchSettings,
        clock: Callable[[], datetime] = utc_now,
        on_saved: Callable[[Sequence[Polled], Saved], None] | None = None,
        patience_s: float = 0.0,
    ) -> None:
        self.rules = rules
        #: bounds and price of the polls that we choose ourselves
        self.limits = Limits()
        self._engine, self._client, self._sandbox = engine, client, sandbox
        self._clock, self._on_saved = clock, on_saved
        self._patience = timedelta(seconds=patience_s)
        self._trouble = Trouble(log)
        #: whose turn it is at each site; what asks sites beside the polls takes turns, too
        self.pace = Pace(
            per_site=fetching.per_host, in_all=fetching.concurrency, spacing_s=fetching.spacing_s
        )
        self._reach = Reach()
        #: unreached since the last answer, and whether it is stored already
        self._suspects: dict[int, Polled] = {}
        #: claims whose sites may still answer
        self._asking = 0
        self._running: set[asyncio.Task[None]] = set()
        self._finished: list[Polled] = []
        #: finished, but the store was away: taken in with the next flush
        self._waiting: list[Polled] = []
        #: used on the store's thread alone
        self._teller = Teller()
        self._store_thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._flushing = asyncio.Lock()
        #: set while polls may start
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def in_flight(self) -> int:
        """Claims that are neither taken in nor given back."""
        return len(self._running) + len(self._finished) + len(self._waiting)

    @property
    def is_offline(self) -> bool:
        """Whether our own network seems to be down."""
        return self._reach.is_down

    async def in_store(self, call: Callable[..., T], *args: object) -> T:
        """Run *call* on the one thread that speaks SQL."""
        return await asyncio.get_running_loop().run_in_executor(self._store_thread, call, *args)

    async def keep_up(self) -> None:
        """Do what would keep an article of a new day waiting."""
        await self.in_store(_keep_up, self._engine, self._teller)

    def start(self, claims: Sequence[Claim]) -> None:
        """Begin to poll *claims*; their results are taken in as they come."""
        self._asking += len(claims)
        for claim in claims:
            task = asyncio.create_task(self._poll(claim))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def bring(self, polled: Polled) -> None:
        """Have something that was read elsewhere taken in with the next batch."""
        self._gather(polled)

    async def finish(self) -> None:
        """Wait until everything started so far is taken in."""
        while self._running:
            await asyncio.wait(self._running)
        await self.flush()

    async def drain(self, seconds: float) -> None:
        """Give running polls *seconds* to end, abandon the rest, and keep what finished."""
        self._patience = timedelta(0)
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.flush()
        if self._timer:
            self._timer.cancel()
        self._store_thread.shutdown(wait=True)

    async def flush(self) -> None:
        """Take in everything that has finished."""
        async with self._flushing:
            self._finished, self._waiting = self._finished + self._waiting, []
            size = sum(polled.size for polled in self._finished)
            while self._finished and not self._waiting:
                batch = self._next_batch()
                self._make_room()
                await self._take_in(batch)
            self._make_room()
            if size >= LARGE_BYTES:
                await asyncio.to_thread(give_back)
        if self._waiting:
            self._flush_soon(AGAIN_S)
        elif self._patience:
            self._trouble.over()

    def _next_batch(self) -> list[Polled]:
        """Take off the finished polls what one transaction writes: its memory is bounded by its entries."""
        count = entries = size = 0
        while count < min(len(self._finished), BATCH_POLLS) and not _is_full(entries, size):
            entries += _entries(self._finished[count])
            size += self._finished[count].size
            count += 1
        batch, self._finished = self._finished[:count], self._finished[count:]
        return batch

    async def _poll(self, claim: Claim) -> None:
        try:
            async with self.pace.turn(claim.group):
                await self._has_room.wait()
                started = time.monotonic()
                polled = await poll_source(claim, self._client, self._sandbox, self._clock())
        except asyncio.CancelledError:
            await asyncio.shield(self.in_store(_give_back, self._engine, [claim]))
            raise
        except Exception as error:  # the stage's edge: a mistake of ours costs one poll, by name
            log.exception("poll source=%s stage=poll id=%s", claim.slug, claim.poll_id)
            reason = f"internal error: {type(error).__name__}"
            polled = Polled(claim, self._clock(), Failed(kind=FailureKind.INTERNAL, reason=reason))
        finally:
            self._asking -= 1
        took_ms = (time.monotonic() - started) * 1000
        log.debug("polled source=%s ms=%d id=%s", claim.slug, took_ms, claim.poll_id)
        try:
            polled = await self._judge_network(polled)
        except StoreError as error:  # what it means for others waits for the next sign of it
            self._trouble.note(error)
        self._gather(polled)

    async def _judge_network(self, polled: Polled) -> Polled:
        """Return the poll, as nobody's failure where it must be our own network."""
        was_down = self._reach.is_down
        is_last = self._asking == 0
        self._reach = note(self._reach, polled.claim, polled.outcome, polled.at, is_last=is_last)
        if is_answer(polled.outcome):
            self._suspects.clear()
        if was_down and not self._reach.is_down:
            log.warning("our own network is back")
            await self.in_store(_resume, self._engine, self._clock())
        if self._reach.is_down and not was_down:
            log.warning("our own network seems to be down: nobody can be reached")
            await self._forgive()
        if not is_unreached(polled.outcome):
            return polled
        if self._reach.is_down:
            return _as_offline(polled)
        self._suspects[polled.claim.source_id] = polled
        return polled

    async def _forgive(self) -> None:
        """Take back the failures before the one that showed that it is us."""
        waiting = {id(polled) for polled in self._finished}
        self._finished = [
            _as_offline(one) if one.claim.source_id in self._suspects and one.push_id is None else one
            for one in self._finished
        ]
        stored = [one.claim for one in self._suspects.values() if id(one) not in waiting]
        self._suspects.clear()
        if stored:
            await self.in_store(_forgive, self._engine, stored, self._clock())

    def _gather(self, polled: Polled) -> None:
        self._finished.append(polled)
        is_full = polled.parsed is not None and self._make_room()
        if len(self._finished) >= BATCH_POLLS or is_full:
            self._flush_soon(0)
        elif self._timer is None:
            self._flush_soon(BATCH_WAIT_S)

    def _make_room(self) -> bool:
        """Let nothing be asked for or read while a batch waits; return whether one does.

        What is asked for and not yet read is there at once when the batch goes to the store.
        """
        waiting = (*self._finished, *self._waiting)
        is_full = _is_full(sum(map(_entries, waiting)), sum(polled.size for polled in waiting))
        if is_full:
            self._has_room.clear()
        else:
            self._has_room.set()
        # a store that is away may be away for longer than a reading may take
        self._sandbox.hold(is_full and not self._waiting)
        return is_full

    def _flush_soon(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._spawn_flush)

    def _spawn_flush(self) -> None:
        self._timer = None
        task = asyncio.create_task(self.flush())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _take_in(self, batch: Sequence[Polled]) -> None:
        try:
            saved = await self.in_store(
                take_in, self._engine, batch, self.rules, self._clock(), self.limits, self._teller
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
                self._trouble.note(error)
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
    return len(polled.parsed.entries) if polled.parsed else 0


def _is_full(entries: int, size: int) -> bool:
    """Whether so much is enough for one transaction."""
    return entries >= BATCH_ENTRIES or size >= BATCH_BYTES


def _as_offline(polled: Polled) -> Polled:
    return replace(polled, outcome=Failed(kind=FailureKind.OFFLINE, reason=REASON))


def _forgive(engine: Engine, claims: Sequence[Claim], now: datetime) -> None:
    with writing(engine) as connection:
        forgive(connection, {claim.source_id: plan_after_outage(claim, now) for claim in claims}, REASON)


def _resume(engine: Engine, now: datetime) -> None:
    with writing(engine) as connection:
        resume(connection, now)


def _keep_up(engine: Engine, teller: Teller) -> None:
    with reading(engine) as connection:
        teller.keep_up(connection)


def _give_back(engine: Engine, claims: Sequence[Claim]) -> None:
    with writing(engine) as connection:
        release(connection, claims)
