"""The worker process: a tick claims what is due, maintenance keeps the store small.

APScheduler drives a handful of jobs; due times live in the database, so a restart forgets
nothing and polls nothing early. A store that is away is waited for. Signals: SIGTERM and SIGINT
drain and end within ten seconds, SIGHUP reads the configuration file again.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.config.file import Loaded
from aggregator.daemon.following import Following
from aggregator.daemon.hub import Hub, hub_settings
from aggregator.daemon.intake import BATCH_POLLS, Intake
from aggregator.daemon.newsletters import Newsletters
from aggregator.daemon.page_texts import PageTexts
from aggregator.daemon.poller import CLAIM_S, PARSE_WORKERS, Poller, utc_now
from aggregator.daemon.steady import quietly, steady, surprises
from aggregator.daemon.storethread import StoreThread
from aggregator.daemon.subscriber import Subscriber
from aggregator.daemon.upkeep import free_and_plan, keep_house, price_within
from aggregator.daemon.wallclock import WallClock
from aggregator.daemon.watchdog import Watchdog, end_within
from aggregator.daemon.webhooks import Webhooks
from aggregator.http.client import Client
from aggregator.http.shape import user_agent
from aggregator.model import Claim, Configuration
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.apply import settle
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.editing import release_due
from aggregator.pipeline.intake import rules_in_force
from aggregator.pipeline.issuing import make_issues
from aggregator.pipeline.ranking import rank_feeds
from aggregator.pipeline.review import review_all
from aggregator.schedule.cadence import PRICE
from aggregator.store.articles.saving import Saved
from aggregator.store.clock import plan_by
from aggregator.store.engine import Connection, Engine
from aggregator.store.sources.claims import claim_due, is_any_unread, release_dead
from aggregator.store.turns import is_my_turn

log = logging.getLogger("aggregator.worker")

TICK_S = 1.0
MAINTAIN_S = 600
#: how late a held article may go out
RELEASE_S = 20
#: the order of the top changes at most so often
RANK_S = 300
#: the configuration and lists in files are looked at so often; lists at URLs are asked for when they are due
FILES_S = 1.0
#: rules that changed are looked for so often
SETTLE_S = 2.0
#: how late a newsletter or a webhook may be
OUTGOING_S = 5.0
#: how often full texts that are due are looked for
PAGES_S = 2.0
#: running polls may take so long to end after SIGTERM
DRAIN_S = 6.0
#: after SIGTERM the process is gone after this long, whatever it waits for
GONE_S = 9.0
#: finished polls wait so long for a store that is away, then they are polls that failed
PATIENCE_S = 150.0
#: a worker that finishes no turn for so long hangs; the longest wait for a lock is a small part of it
HANG_S = 600.0
#: processes of this machine that were killed are looked for so often
DEAD_S = 15.0


class Stopping(Exception):
    """The worker ends; what is under way stops after the transaction it is in and goes on next time."""


class Worker:
    """Polls what is due until told to stop.

    Args:
        say_ending: called when it begins to drain.
    """

    def __init__(
        self, engine: Engine, loaded: Loaded, say_ending: Callable[[], object] = lambda: None
    ) -> None:
        self._engine, self._say_ending = engine, say_ending
        self._store = StoreThread(engine)
        self._following = Following(self._store, loaded, self._follow)
        self._stop = asyncio.Event()
        self._watchdog = Watchdog(HANG_S)
        self._claiming = asyncio.Lock()
        self._settling = asyncio.Lock()
        self._scheduler: AsyncIOScheduler
        self._client: Client
        self._posting: Client
        self._sandbox: Sandbox
        self._intake: Intake
        self._poller: Poller
        self._subscriber: Subscriber
        self._hub: Hub
        self._newsletters: Newsletters
        self._webhooks: Webhooks
        self._pages: PageTexts

    @property
    def _configuration(self) -> Configuration:
        return self._following.configuration

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then drain."""
        self._listen_for_signals()
        async with AsyncExitStack() as stack:
            await self._open(stack)
            serving = asyncio.create_task(self._hub.run())
            await self._keep_within_budget()
            self._scheduler = self._schedule()
            clock = asyncio.create_task(WallClock(self._plan_anew).watch(self._stop))
            self._watchdog.start()
            log.info("worker ready sources=%d", len(self._configuration.sources))
            await self._stop.wait()
            end_within(GONE_S)
            self._say_ending()
            await self._drain(clock, serving)

    async def _open(self, stack: AsyncExitStack) -> None:
        """Make the parts, to be closed with *stack*; nothing is polled yet."""
        store, configuration = stack.enter_context(self._store), self._configuration
        fetch = configuration.fetch
        agent = user_agent(fetch, configuration.site)
        self._manners = fetch, agent
        self._sandbox = sandbox = Sandbox(workers=PARSE_WORKERS, markup=configuration.markup)
        stack.callback(sandbox.close)
        self._client = client = await stack.enter_async_context(Client(fetch, user_agent=agent))
        rules = rules_in_force(self._following.digest, configuration)
        self._intake = intake = Intake(
            store, rules, sandbox, utc_now, on_saved=self._on_saved, patience_s=PATIENCE_S
        )
        self._poller = Poller(store, intake, client, sandbox, fetch)
        # a file has one worker, and that is us
        await store.write(free_and_plan, utc_now(), is_alone=self._engine.dialect.name == "sqlite")
        if await store.read(is_any_unread, utc_now()):
            sandbox.expect()
        self._subscriber = Subscriber(store, intake, client, sandbox, configuration)
        await self._subscriber.follow(configuration)
        self._posting = posting = await stack.enter_async_context(
            Client(hub_settings(fetch), user_agent=agent)
        )
        self._hub = Hub(self._engine, posting, configuration)
        self._newsletters, self._webhooks = Newsletters(store), Webhooks(store, client)
        self._pages = PageTexts(store, self._poller, client, sandbox, self._hub.wake)

    async def _drain(self, *beside: Awaitable[object]) -> None:
        """Start nothing new, let what runs end, and keep what it brought."""
        self._watchdog.stop()
        log.info("worker stopping in_flight=%d", self._poller.in_flight)
        self._scheduler.pause()
        await quietly(log, self._subscriber.drain(), self._hub.stop(), self._pages.drain())
        await self._poller.drain(DRAIN_S)
        self._scheduler.shutdown(wait=False)
        await quietly(log, *beside)

    def stop(self) -> None:
        """Begin to drain."""
        self._stop.set()

    def _listen_for_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        reload = steady(self._following.reload, log)
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.create_task(reload()))

    def _schedule(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        now = datetime.now(UTC)
        jobs: tuple[tuple[Callable[[], Awaitable[None]], float, float], ...] = (
            # what, each how many seconds, after how many seconds first
            (self._tick, TICK_S, 0),
            (self._following.follow_files, FILES_S, 0),
            (self._follow_lists, FILES_S, 0),
            (self._maintain, MAINTAIN_S, MAINTAIN_S),
            (self._release, RELEASE_S, RELEASE_S),
            (self._free_dead, DEAD_S, DEAD_S),
            (self._settle, SETTLE_S, 0),
            (self._rank, RANK_S, 0),
            # each by itself: a mail server that does not answer holds up no webhook
            (self._send_newsletters, OUTGOING_S, OUTGOING_S),
            (self._call_webhooks, OUTGOING_S, OUTGOING_S),
            (self._read_pages, PAGES_S, 0),
        )
        for job, every_s, first_s in jobs:
            first = now + timedelta(seconds=first_s)
            scheduler.add_job(steady(job, log), "interval", seconds=every_s, next_run_time=first)
        scheduler.start()
        return scheduler

    async def _tick(self) -> None:
        try:
            await self._following.follow_applied()
            await self._claim()
            await self._subscriber.tick()
        finally:
            self._watchdog.beat()  # a store that is away is no hang

    async def _follow(self, configuration: Configuration) -> None:
        """Work by another configuration from now on."""
        self._ask_by(configuration)
        self._intake.rules = rules_in_force(self._following.digest, configuration)
        self._sandbox.markup = configuration.markup
        await self._subscriber.follow(configuration)
        await self._hub.follow(configuration)
        await self._keep_within_budget()

    def _ask_by(self, configuration: Configuration) -> None:
        """Ask sites by its manners and limits, from the next request on."""
        fetch, agent = configuration.fetch, user_agent(configuration.fetch, configuration.site)
        if (fetch, agent) == self._manners:
            return  # turns and spacing go on as they are
        self._manners = fetch, agent
        self._client.follow(fetch, user_agent=agent)
        self._posting.follow(hub_settings(fetch), user_agent=agent)
        self._poller.follow(fetch)

    async def _plan_anew(self) -> None:
        """The clock was set back: what is due by the old time, jobs and sources, may be days away."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
        await self._store.write(plan_by, utc_now())

    async def _free_dead(self) -> None:
        """Take over what killed processes of this machine had claimed."""
        await self._store.write(release_dead, is_alone=False)

    def _on_saved(self, _batch: Sequence[Polled], saved: Saved) -> None:
        """Claim again at once: a backlog is worked off at the speed of the network."""
        if saved.feeds:
            self._hub.wake()
        if not self._stop.is_set():
            least = self._configuration.fetch.concurrency // 2
            task = asyncio.get_running_loop().create_task(self._claim(least))
            task.add_done_callback(surprises(log, "claiming"))

    async def _claim(self, least: int = 1) -> None:
        """Begin to poll what is due, if *least* sources have room: fewer are not worth a transaction."""
        async with self._claiming:
            free = 2 * self._configuration.fetch.concurrency + BATCH_POLLS - self._poller.in_flight
            if free >= max(least, 1) and not self._stop.is_set():
                self._poller.start(await self._store.write(self._claim_due, free))

    def _claim_due(self, connection: Connection, limit: int) -> tuple[Claim, ...]:
        budget = self._configuration.fetch.budget
        return claim_due(connection, utc_now(), budget, limit=limit, seconds=CLAIM_S)

    async def _rank(self) -> None:
        if await self._store.call(is_my_turn, self._engine, "ranking", RANK_S, utc_now()):
            # a thread of its own: polls are stored meanwhile
            await asyncio.to_thread(rank_feeds, self._engine, utc_now())

    async def _send_newsletters(self) -> None:
        # issues first: a newsletter of the same hour takes them along
        await asyncio.to_thread(make_issues, self._engine, utc_now())
        await self._newsletters.send_due(self._configuration)

    async def _call_webhooks(self) -> None:
        await self._webhooks.call_due(self._configuration)

    async def _read_pages(self) -> None:
        await self._pages.tick(self._configuration.fetch.budget)

    async def _follow_lists(self) -> None:
        await self._following.follow_lists(self._client)

    async def _maintain(self) -> None:
        await self._keep_within_budget()
        await self._intake.keep_up()
        now = utc_now()
        if not await self._store.call(is_my_turn, self._engine, "maintenance", MAINTAIN_S, now):
            return
        await keep_house(self._store, now)
        await self._subscriber.maintain()
        await self._hub.maintain()
        # in a thread of its own: it reads much and must not hold up polls
        await asyncio.to_thread(review_all, self._engine, now)

    async def _keep_within_budget(self) -> None:
        """Set the price of a request so that the sources' own rhythms ask for no more than the budget."""
        per_hour = self._configuration.fetch.requests_per_hour
        if per_hour is None:
            self._intake.price = PRICE
            return
        self._intake.price = await asyncio.to_thread(price_within, self._engine, per_hour, utc_now())

    async def _release(self) -> None:
        """Let held articles out whose time has come."""
        if count := await self._store.call(release_due, self._engine, utc_now()):
            log.info("released held=%d", count)

    async def _settle(self) -> None:
        """Judge stored articles by changed rules, in a thread of its own beside the polls."""
        async with self._settling:
            try:
                count = await asyncio.to_thread(settle, self._engine, utc_now(), self._on_judged)
            except Stopping:
                return
        if count:
            log.info("changed rules applied to articles=%d", count)

    def _on_judged(self, count: int) -> None:
        if self._stop.is_set():
            raise Stopping
        if count % 10_000 == 0:
            log.info("applying changed rules, articles judged so far=%d", count)
