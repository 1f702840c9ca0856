"""The poller: claims flow in, and finished polls out to the intake; many at once on the event loop.

Nothing here decides when a source is due, nor what an entry means.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from aggregator.daemon.intake import Intake
from aggregator.daemon.network import OwnNetwork
from aggregator.daemon.pace import Pace
from aggregator.daemon.storethread import StoreThread
from aggregator.errors import StoreError
from aggregator.http.client import Client
from aggregator.http.politeness import held_turn
from aggregator.model import Claim, Failed, FailureKind, FetchSettings
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.polls import poll_source
from aggregator.store.sources.claims import release

log = logging.getLogger("aggregator.poll")

#: a claim outlives the longest poll, with its waits for room and for a reader; a crashed worker's
#: sources are free after it
CLAIM_S = 300
#: processes that read documents: one keeps up with the thread that stores what it reads, and where there
#: are two processors each of them has one
PARSE_WORKERS = 1 if (os.cpu_count() or 1) <= 2 else 2
#: a document that waits for a reader keeps so many requests from being made: where sites answer faster than
#: documents are read, more of them would only fill the memory
WEIGHT_OF_UNREAD = 4
#: documents are read that no poll waits for, too: whether many still wait is looked at so often, in seconds
LOOK_AGAIN_S = 1.0


def utc_now() -> datetime:
    return datetime.now(UTC)


class Poller:
    """Polls claimed sources, as many at once as *fetching* allows."""

    def __init__(
        self,
        store: StoreThread,
        intake: Intake,
        client: Client,
        sandbox: Sandbox,
        fetching: FetchSettings,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store, self._intake, self._client, self._sandbox = store, intake, client, sandbox
        self._clock = clock
        self.follow(fetching)
        self._network = OwnNetwork(store, intake, clock)
        #: claims whose sites may still answer, and those of them that are polled now and wait for no room
        self._asking = self._asked = 0
        #: held by the poll that starts next; set when one of those before it has ended
        self._next, self._one_ended = asyncio.Lock(), asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def follow(self, fetching: FetchSettings) -> None:
        """Begin polls at another pace from now on; those under way keep their own."""
        self._concurrency = fetching.concurrency
        #: whose turn it is at each site; what asks sites beside the polls takes turns, too
        self.pace = Pace(
            per_site=fetching.per_host, in_all=fetching.concurrency, spacing_s=fetching.spacing_s
        )

    @property
    def in_flight(self) -> int:
        """Claims that are neither taken in nor given back."""
        return len(self._running) + len(self._intake)

    @property
    def is_offline(self) -> bool:
        """Whether our own network seems to be down."""
        return self._network.is_down

    def start(self, claims: Sequence[Claim]) -> None:
        """Begin to poll *claims*; their results are taken in as they come."""
        self._asking += len(claims)
        for claim in claims:
            task = asyncio.create_task(self._poll(claim))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Wait until everything started so far is taken in."""
        while self._running:
            await asyncio.wait(self._running)
        await self._intake.flush()

    async def drain(self, seconds: float) -> None:
        """Give running polls *seconds* to end, abandon the rest, and keep what finished."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._intake.drain()

    async def _poll(self, claim: Claim) -> None:
        try:
            pace = self.pace
            async with pace.turn(claim.group), self._place():
                await pace.keep_distance(claim.group)
                if self._clock() >= claim.until:
                    return  # it waited for so long that the source may be another worker's by now
                started = time.monotonic()
                polled = await poll_source(claim, self._client, self._sandbox, self._clock())
        except asyncio.CancelledError:
            await asyncio.shield(self._store.write(release, [claim]))
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
            polled = await self._network.judge(polled, is_last=self._asking == 0)
        except StoreError as error:  # what it means for others waits for the next sign of it
            self._intake.away.note(error)
        self._intake.add(polled, is_last=self._asking == 0)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Wait until there is memory for one poll more; it counts until it ends or waits for room."""
        async with self._next:
            await self._intake.has_room.wait()
            while self._asked and self._is_behind():
                self._one_ended.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._one_ended.wait(), LOOK_AGAIN_S)
            self._asked += 1
        with held_turn(self._leave):
            yield

    def _leave(self) -> None:
        self._asked -= 1
        self._one_ended.set()

    def _is_behind(self) -> bool:
        """Tell whether documents enough wait to be read, for what is asked for now."""
        return self._asked + (WEIGHT_OF_UNREAD - 1) * self._sandbox.unread >= self._concurrency
