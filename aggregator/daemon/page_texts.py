"""Full texts in the background: pages that are due are claimed, read beside the polls, and kept.

Polls come first: pages share their budgets for each site and for all, and one round at a time is
under way. Nothing here decides what is read or when again; see store/articles/page_texts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aggregator.daemon.page_reader import PageReader
from aggregator.daemon.poller import Poller, utc_now
from aggregator.daemon.steady import surprises
from aggregator.daemon.storethread import StoreThread
from aggregator.http.client import Client
from aggregator.model import Budget, Failed, FailureKind
from aggregator.model.pages import PageClaim, PageRead
from aggregator.parse.sandbox import Sandbox
from aggregator.store.articles.page_texts import claim_pages, give_back, save_pages
from aggregator.store.engine import Connection

log = logging.getLogger("aggregator.pages")

#: pages under way at once: reading them must not hold up polls
AT_ONCE = 8
#: a claim outlives the longest reading by far; a crashed worker's pages are free after it
CLAIM_S = 300


class PageTexts:
    """Reads the pages that are due until told to stop."""

    def __init__(
        self,
        store: StoreThread,
        poller: Poller,
        client: Client,
        sandbox: Sandbox,
        on_shown: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            on_shown: called when texts that came in changed published feeds.
        """
        self._store, self._poller, self._on_shown = store, poller, on_shown
        self._reader = PageReader(store, client, sandbox, utc_now)
        self._running: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def tick(self, budget: Budget) -> None:
        """Claim what is due, within the budget, and begin to read it."""
        free = AT_ONCE - len(self._running)
        if free <= 0 or self._is_stopping or self._poller.is_offline:
            return
        for claim in await self._store.write(self._claim, free, budget):
            task = asyncio.create_task(self._read(claim))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            task.add_done_callback(surprises(log, "reading a page"))

    async def drain(self) -> None:
        """Abandon what is under way and give its claims back."""
        self._is_stopping = True
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _read(self, claim: PageClaim) -> None:
        try:
            pace = self._poller.pace
            async with pace.turn(claim.group):
                await pace.keep_distance(claim.group)
                read = await self._reader.read(claim)
        except asyncio.CancelledError:
            await asyncio.shield(self._store.write(give_back, [claim], utc_now()))
            raise
        except Exception as error:  # the stage's edge: a mistake of ours costs one page, by name
            log.exception("page source=%s article=%d", claim.slug, claim.article_id)
            failed = Failed(kind=FailureKind.INTERNAL, reason=f"internal error: {type(error).__name__}")
            read = PageRead(claim=claim, at=utc_now(), failure=failed)
        if await self._store.write(save_pages, [read]):
            self._on_shown()
        _log(read)

    def _claim(self, connection: Connection, limit: int, budget: Budget) -> tuple[PageClaim, ...]:
        return claim_pages(connection, utc_now(), budget, limit=limit, seconds=CLAIM_S)


def _log(read: PageRead) -> None:
    claim = read.claim
    if read.text is not None:
        log.debug("page source=%s article=%d words=%d", claim.slug, claim.article_id, read.text.words)
    elif read.failure is not None:
        log.info("page source=%s article=%d reason=%r", claim.slug, claim.article_id, read.failure.reason)
