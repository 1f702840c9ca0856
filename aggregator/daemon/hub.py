"""The hub at work: callbacks are asked, and what changed is handed out, beside everything else.

Rows become requests, answers become rows. Feeds are rendered once for all their subscribers.
Whoever kept us waiting once is served in a lane of its own, so that it holds up nobody; each
delivery is claimed for a time, so that several workers share the work and a crash loses none.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aggregator.curate.rewrite import looks_of
from aggregator.daemon.poller import utc_now
from aggregator.daemon.steady import steady
from aggregator.daemon.storethread import StoreThread
from aggregator.deliver.hub import Sent, deliver, ping, verify
from aggregator.errors import StoreError
from aggregator.http.client import Client
from aggregator.model import Configuration, FetchSettings, Rendered
from aggregator.model.push import Dispatch, HubRequest
from aggregator.pipeline.editions import publish_feed
from aggregator.publish.addresses import FORMATS, content_type, feed_url
from aggregator.store.engine import Connection, Engine
from aggregator.store.feeds.heads import PUBLISHED, find_feed, list_feeds
from aggregator.store.push import hub, hub_requests

log = logging.getLogger("aggregator.hub")

#: requests at the same time: to ready subscribers, to slow ones, to callbacks that are asked
READY, SLOW, ASKED = 96, 32, 32
#: at the same time to one host
PER_HOST = 16
#: seconds a subscriber may take before it counts as slow
PROMPT_S = 2.0
#: a claim outlives the longest request by far
CLAIM_S = 90
#: how often the database is asked for work that nobody told us of
IDLE_S = 1.0
#: answers are gathered for so long before they are written
GATHER_S = 0.05
#: documents kept while their subscribers are served
DOCUMENTS = 64
DRAIN_S = 3.0


@dataclass(frozen=True, slots=True)
class _Answered:
    """A finished request, not yet written down."""

    work: Dispatch | HubRequest
    sent: Sent
    seconds: float


def hub_settings(fetch: FetchSettings) -> FetchSettings:
    """Return the client's limits for handing out: the same guard, other numbers."""
    return replace(fetch, per_host=PER_HOST, concurrency=READY + SLOW + ASKED)


class Hub:
    """Serves subscribers until told to stop.

    Args:
        client: made with hub_settings().
    """

    def __init__(self, engine: Engine, client: Client, configuration: Configuration) -> None:
        self._store, self._client = StoreThread(engine, "hub"), client
        self._configuration = configuration
        self._wake = asyncio.Event()
        self._stop = False
        #: whether the store knows which hub the feeds name
        self._is_named = False
        self._running: dict[asyncio.Task[None], Dispatch | HubRequest] = {}
        self._answered: list[_Answered] = []
        self._documents: OrderedDict[tuple[int, str, str], asyncio.Task[Rendered | None]] = OrderedDict()

    def wake(self) -> None:
        """Look for work now: something was published."""
        self._wake.set()

    async def follow(self, configuration: Configuration) -> None:
        """Use another configuration from now on, and tell the hub it names of what changes."""
        self._configuration = configuration
        self._documents.clear()
        await self._store.write(self._name_hub)

    async def run(self) -> None:
        """Work until stop() is called."""
        turn = steady(self._turn, log)
        while not self._stop:
            await turn()  # while the database is away, what is due stays due
            try:
                async with asyncio.timeout(IDLE_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def stop(self) -> None:
        """Give running requests a moment, give back the rest."""
        self._stop = True
        self._wake.set()
        if self._running:
            await asyncio.wait(list(self._running), timeout=DRAIN_S)
        given_up = dict(self._running)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        await self._store.write(self._settle, self._take_answered())
        await self._store.write(_give_back, list(given_up.values()))
        self._store.close()

    async def maintain(self) -> None:
        """Forget leases that ended, tell subscribers of feeds that ended, know new feeds."""
        await self._store.write(self._tidy)
        await self._store.write(self._name_hub)

    async def _turn(self) -> None:
        if not self._is_named:
            await self.follow(self._configuration)
            self._is_named = True
        answered = self._take_answered()
        if answered:
            try:
                await self._store.write(self._settle, answered)
            except StoreError:
                self._answered = answered + self._answered
                raise
        if self._configuration.websub.hub == "off":
            return
        if not await self._store.read(hub.is_anything_due, utc_now()):
            return
        dispatches, requests = await self._store.write(self._claim)
        for dispatch in dispatches:
            self._start(dispatch, self._serve(dispatch))
        for request in requests:
            self._start(request, self._ask(request))

    def _start(self, work: Dispatch | HubRequest, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._running[task] = work
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("hub: a request failed in our own code", exc_info=error)
        asyncio.get_running_loop().call_later(GATHER_S, self._wake.set)

    async def _serve(self, dispatch: Dispatch) -> None:
        started = time.monotonic()
        sent = await self._send(dispatch)
        self._answered.append(_Answered(dispatch, sent, time.monotonic() - started))

    async def _send(self, dispatch: Dispatch) -> Sent:
        if dispatch.is_ping:
            return await ping(self._client, dispatch.callback, dispatch.topic)
        rendered = await self._document(dispatch)
        if rendered is None:
            return Sent("gone", "the feed is not published any more")
        links = tuple(link for link in rendered.links if 'rel="self"' in link or 'rel="hub"' in link)
        return await deliver(self._client, dispatch, rendered.body, content_type(rendered.media_type), links)

    async def _ask(self, request: HubRequest) -> None:
        sent = await verify(self._client, request, secrets.token_urlsafe(24))
        self._answered.append(_Answered(request, sent, 0))

    async def _document(self, dispatch: Dispatch) -> Rendered | None:
        """Return the feed's live document, rendered once for all who wait for it."""
        key = (dispatch.feed_id, dispatch.suffix, dispatch.version)
        if key not in self._documents:
            self._documents[key] = asyncio.ensure_future(self._store.read(self._render, dispatch))
            while len(self._documents) > DOCUMENTS:
                self._documents.popitem(last=False)
        try:
            return await asyncio.shield(self._documents[key])
        except Exception:
            self._documents.pop(key, None)
            raise

    def _render(self, connection: Connection, dispatch: Dispatch) -> Rendered | None:
        head = find_feed(connection, dispatch.kind, dispatch.slug)
        if head is None or head.access != "public":
            return None
        # what is pushed is what is served: rewritten, and cut as the rights say
        looks = looks_of(self._configuration)
        return publish_feed(connection, head, self._configuration.site, dispatch.suffix, looks)

    def _claim(self, connection: Connection) -> tuple[tuple[Dispatch, ...], tuple[HubRequest, ...]]:
        now = utc_now()
        hub.mark_changed(connection, now)
        return self._dispatches(connection, now), self._requests(connection, now)

    def _dispatches(self, connection: Connection, now: datetime) -> tuple[Dispatch, ...]:
        busy = [work for work in self._running.values() if isinstance(work, Dispatch)]
        slow = sum(work.is_slow for work in busy)
        terms: dict[str, Any] = {"per_host": PER_HOST, "seconds": CLAIM_S}
        room = READY - (len(busy) - slow)
        ready = hub.claim_dispatches(connection, now, limit=room, is_slow=False, **terms)
        late = hub.claim_dispatches(connection, now, limit=SLOW - slow, is_slow=True, **terms)
        return (*ready, *late)

    def _requests(self, connection: Connection, now: datetime) -> tuple[HubRequest, ...]:
        busy = sum(isinstance(work, HubRequest) for work in self._running.values())
        return hub_requests.claim_requests(connection, now, limit=max(0, ASKED - busy), seconds=CLAIM_S)

    def _take_answered(self) -> list[_Answered]:
        answered, self._answered = self._answered, []
        return answered

    def _settle(self, connection: Connection, answered: Sequence[_Answered]) -> None:
        now = utc_now()
        for one in answered:
            if isinstance(one.work, HubRequest):
                _settle_request(connection, one.work, one.sent, now)
            else:
                _settle_dispatch(connection, one.work, one, now)

    def _tidy(self, connection: Connection) -> None:
        hub.expire_subscribers(connection, utc_now())
        hub_requests.deny_ended(connection, utc_now())

    def _name_hub(self, connection: Connection) -> None:
        named, site = self._configuration.websub.hub, self._configuration.site
        is_foreign = named not in ("builtin", "off")
        topics: dict[tuple[str, str, str], str] = {
            (head.kind, head.slug, suffix): feed_url(site, head, suffix)
            for head in (list_feeds(connection, PUBLISHED) if is_foreign else ())
            for suffix in FORMATS
            if head.access == "public"
        }
        hub.name_hub(connection, named if is_foreign else None, topics)


def _give_back(connection: Connection, work: Sequence[Dispatch | HubRequest]) -> None:
    hub.release_dispatches(connection, [one for one in work if isinstance(one, Dispatch)])
    hub_requests.release_requests(connection, [one for one in work if isinstance(one, HubRequest)])


def _settle_request(connection: Connection, request: HubRequest, sent: Sent, now: datetime) -> None:
    log.info("hub asked callback of %s mode=%s outcome=%s", request.topic, request.mode, sent.outcome)
    match sent.outcome:
        case "ok":
            hub_requests.confirm(connection, request, now)
        case "failed":
            hub_requests.postpone(connection, request, now)
        case _:
            hub_requests.refuse(connection, request)


def _settle_dispatch(connection: Connection, dispatch: Dispatch, one: _Answered, now: datetime) -> None:
    level = logging.DEBUG if one.sent.outcome == "ok" else logging.INFO
    log.log(level, "hub delivered feed=%s/%s outcome=%s ms=%d reason=%r", dispatch.kind, dispatch.slug,
            one.sent.outcome, one.seconds * 1000, one.sent.reason)  # fmt: skip
    match one.sent.outcome:
        case "ok":
            hub.settle(connection, dispatch, now, is_slow=one.seconds > PROMPT_S)
        case "gone":
            hub.drop(connection, dispatch)
        case _:
            hub.fail(connection, dispatch, one.sent.reason, now, one.sent.wait_s)
