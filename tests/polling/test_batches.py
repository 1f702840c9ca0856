"""What is taken in at once, and when polls have to wait for it."""

import asyncio
import time
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from aggregator.daemon.intake import BATCH_ENTRIES, Intake
from aggregator.daemon.poller import Poller
from aggregator.daemon.storethread import StoreThread
from aggregator.http.client import Client
from aggregator.http.room import LARGE_BYTES, ROOM_BYTES
from aggregator.model import (
    Claim,
    Configuration,
    FeedInfo,
    Fetched,
    FetchSettings,
    ParsedFeed,
    Source,
    Validators,
)
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import rules_in_force
from aggregator.store.engine import reading, writing
from aggregator.store.sources.claims import claim_sources
from aggregator.store.sources.states import list_states
from tests.origin import Origin, Reply
from tests.polling.station import rss, tagged
from tests.running import wait_until
from tests.store.making import NOW, apply, entry

SOURCES, EACH = 9, 250


class Held(Sandbox):
    """A sandbox that notes whether it is held."""

    is_held = False

    def hold(self, is_held: bool) -> None:
        self.is_held = is_held


def test_a_transaction_is_bounded_by_its_entries(sqlite_engine: Engine) -> None:
    sources = tuple(Source(url=f"https://p{n}.example/feed", name=f"p{n}") for n in range(SOURCES))
    configuration = Configuration(sources=sources, fetch=FetchSettings())
    apply(sqlite_engine, configuration)
    sizes: list[int] = []
    rooms: list[bool] = []
    sandbox = Held(workers=0)

    async def run() -> None:
        with StoreThread(sqlite_engine) as store:
            intake = Intake(
                store,
                rules_in_force("", configuration),
                sandbox,
                lambda: NOW,
                on_saved=lambda batch, saved: sizes.append(len(saved.new)),
            )
            with writing(sqlite_engine) as connection:
                claims = claim_sources(connection, None, NOW, seconds=60, respect_due=False)
            for claim in claims:
                entries = tuple(entry(f"{claim.slug}-{n}") for n in range(EACH))
                answer = Fetched(url=claim.url, status=200, headers={}, body=b"", validators=Validators())
                read = ParsedFeed(format="rss20", info=FeedInfo(), entries=entries)
                intake.add(Polled(claim, NOW, answer, read, "hash"))
                rooms.append(intake.has_room.is_set())
                assert sandbox.is_held is not rooms[-1]
            await intake.flush()
            assert intake.has_room.is_set()
            assert not sandbox.is_held
            await intake.drain()

    asyncio.run(run())
    assert sum(sizes) == SOURCES * EACH
    assert max(sizes) < BATCH_ENTRIES + EACH
    assert rooms == [(n + 1) * EACH < BATCH_ENTRIES for n in range(SOURCES)]


def poller_of(
    store: StoreThread, configuration: Configuration, sandbox: Sandbox, client: Client
) -> tuple[Poller, Intake]:
    intake = Intake(store, rules_in_force("", configuration), sandbox, lambda: NOW)
    return Poller(store, intake, client, sandbox, configuration.fetch, lambda: NOW), intake


def claims_of(engine: Engine, configuration: Configuration) -> tuple[Claim, ...]:
    apply(engine, configuration)
    with writing(engine) as connection:
        return claim_sources(connection, None, NOW, seconds=60, respect_due=False)


def test_while_documents_wait_to_be_read_few_more_are_asked_for(
    sqlite_engine: Engine, origin: Origin
) -> None:
    """Sites answer at once, forty at a time, and a reader that takes its time gets them one by one."""
    sources = tuple(Source(url=origin.url(f"/{n}"), name=f"p{n}") for n in range(60))
    for n in range(60):
        origin.on(f"/{n}", tagged(rss("a")))
    origin.on("/beside", Reply())
    configuration = Configuration(
        sources=sources, fetch=FetchSettings(allow_private=("127.0.0.0/8",), concurrency=40, per_host=40)
    )
    claims = claims_of(sqlite_engine, configuration)

    async def run() -> int:
        with StoreThread(sqlite_engine) as store, Sandbox(workers=1) as sandbox:
            async with Client(configuration.fetch, user_agent="x") as client:
                poller, _ = poller_of(store, configuration, sandbox, client)
                sandbox.hold(True)
                poller.start(claims[:10])
                await asyncio.to_thread(wait_until, lambda: sandbox.unread == 10, what="ten documents")
                poller.start(claims[10:])
                for _ in range(3):  # whoever asks has asked by then
                    await client.request("GET", origin.url("/beside"))
                asked = len(origin.requests)
                sandbox.hold(False)
                await poller.finish()
                return asked

    assert asyncio.run(run()) == 13
    assert len(origin.requests) == 63
    with reading(sqlite_engine) as connection:
        assert {state.failures for state in list_states(connection)} == {0}


def test_a_poll_that_waits_for_readers_begins_when_pages_were_read_not_when_the_slowest_site_has_answered(
    sqlite_engine: Engine, origin: Origin
) -> None:
    origin.on("/slow", Reply(is_held=True))
    origin.on("/next", tagged(rss("a")))
    configuration = Configuration(
        sources=tuple(Source(url=origin.url(f"/{name}"), name=name) for name in ("slow", "next")),
        fetch=FetchSettings(allow_private=("127.0.0.0/8",), concurrency=4, per_host=4),
    )
    slow, after = sorted(claims_of(sqlite_engine, configuration), key=lambda claim: claim.slug != "slow")

    async def run() -> None:
        with StoreThread(sqlite_engine) as store, Sandbox(workers=1) as sandbox:
            async with Client(configuration.fetch, user_agent="x") as client:
                poller, _ = poller_of(store, configuration, sandbox, client)
                poller.start([slow])
                await asyncio.to_thread(wait_until, lambda: len(origin.requests) == 1, what="the slow one")
                sandbox.hold(True)
                pages = [sandbox.parse(rss("a"), origin.url("/page"), {}) for _ in range(2)]
                poller.start([after])
                await client.request("GET", origin.url("/beside"))
                assert "/next" not in {seen.path for seen in origin.requests}
                sandbox.hold(False)
                for page in pages:
                    await asyncio.wrap_future(page)
                try:
                    await asyncio.to_thread(origin.wait_for, "/next", timeout_s=15)
                finally:
                    origin.release()
                await poller.finish()

    asyncio.run(run())


def test_large_answers_that_wait_for_room_keep_no_small_one_from_being_asked_for(
    sqlite_engine: Engine, origin: Origin
) -> None:
    names = ("large", "larger", "small")
    origin.on("/small", tagged(rss("a")))
    for name in names[:2]:
        origin.on(f"/{name}", tagged(rss("a") + b" " * 2 * LARGE_BYTES))
    configuration = Configuration(
        sources=tuple(Source(url=origin.url(f"/{name}"), name=name) for name in names),
        fetch=FetchSettings(allow_private=("127.0.0.0/8",), concurrency=2, per_host=4),
    )
    claims = {claim.slug: claim for claim in claims_of(sqlite_engine, configuration)}

    async def run() -> None:
        with StoreThread(sqlite_engine) as store:
            async with Client(configuration.fetch, user_agent="x") as client:
                poller, _ = poller_of(store, configuration, Sandbox(workers=0), client)
                taken = await client.room.take(ROOM_BYTES)
                poller.start([claims["large"], claims["larger"]])
                await asyncio.to_thread(
                    wait_until, lambda: len(client.room._waiting) == 2, what="two that wait"
                )
                poller.start([claims["small"]])
                await asyncio.to_thread(origin.wait_for, "/small", timeout_s=15)
                client.room.give(taken)
                await poller.finish()

    asyncio.run(run())
    with reading(sqlite_engine) as connection:
        assert {state.failures for state in list_states(connection)} == {0}


def test_polls_of_one_site_that_waited_for_the_store_keep_their_distance(
    sqlite_engine: Engine, origin: Origin
) -> None:
    for name in "ab":
        origin.on(f"/{name}", tagged(rss("a")))
    fetch = FetchSettings(allow_private=("127.0.0.0/8",), spacing_s=1.0)
    sources = tuple(Source(url=origin.url(f"/{name}"), name=name) for name in "ab")
    configuration = Configuration(sources=sources, fetch=fetch)
    claims = [replace(claim, group="paper.example") for claim in claims_of(sqlite_engine, configuration)]

    async def run() -> None:
        with StoreThread(sqlite_engine) as store:
            async with Client(fetch, user_agent="x") as client:
                poller, intake = poller_of(store, configuration, Sandbox(workers=0), client)
                intake.has_room.clear()
                began = time.monotonic()
                poller.start(claims)
                await asyncio.to_thread(
                    wait_until, lambda: time.monotonic() > began + 2 * fetch.spacing_s, what="the store"
                )
                intake.has_room.set()
                await poller.finish()

    asyncio.run(run())
    first, second = (seen.at for seen in origin.requests)
    assert second - first > fetch.spacing_s / 2


def test_a_claim_that_ended_before_its_turn_came_asks_nobody(sqlite_engine: Engine, origin: Origin) -> None:
    """The source may be somebody else's by then, and what it answered would be thrown away."""
    fetch = FetchSettings(allow_private=("127.0.0.0/8",))
    configuration = Configuration(sources=(Source(url=origin.url("/feed"), name="p"),), fetch=fetch)
    claims = claims_of(sqlite_engine, configuration)

    async def run() -> None:
        with StoreThread(sqlite_engine) as store:
            async with Client(fetch, user_agent="x") as client:
                poller, _ = poller_of(store, configuration, Sandbox(workers=0), client)
                poller.start([replace(claim, until=NOW) for claim in claims])
                await poller.finish()
                assert not poller.in_flight

    asyncio.run(run())
    assert not origin.requests


def test_the_last_of_what_is_asked_for_is_taken_in_at_once(
    sqlite_engine: Engine, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.daemon.intake.BATCH_WAIT_S", 3600)
    origin.on("/feed", tagged(rss("a")))
    fetch = FetchSettings(allow_private=("127.0.0.0/8",))
    configuration = Configuration(sources=(Source(url=origin.url("/feed"), name="p"),), fetch=fetch)
    claims = claims_of(sqlite_engine, configuration)

    async def run() -> None:
        with StoreThread(sqlite_engine) as store:
            async with Client(fetch, user_agent="x") as client:
                poller, intake = poller_of(store, configuration, Sandbox(workers=0), client)
                poller.start(claims)
                await asyncio.to_thread(wait_until, lambda: not poller.in_flight, what="the poll is stored")
                await intake.drain()

    asyncio.run(run())
