"""What the subscriber holds while hubs are asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from aggregator.daemon import subscriber
from aggregator.daemon.storethread import StoreThread
from aggregator.daemon.subscriber import Subscriber
from aggregator.errors import StoreError
from aggregator.http.client import Client
from aggregator.model import Configuration, FetchSettings, Site, WebSub
from aggregator.store.engine import writing
from aggregator.store.tables import push_offers
from tests.origin import Reply
from tests.store.making import apply, source

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def offered(engine, hub):
    """A paper whose source names *hub*."""
    configuration = Configuration(
        site=Site(url="https://gazette.example"), sources=(source("Herald"),), websub=WebSub(subscribe="on")
    )
    apply(engine, configuration)
    with writing(engine) as connection:
        offer = {"source_id": 1, "topic": "https://herald.example/", "hubs": hub, "is_planned": False}
        connection.execute(push_offers.insert(), [offer])
    return configuration


class Flighty(StoreThread):
    """A store that goes away once, when what a hub said is to be written down."""

    is_away = False

    async def write(self, work, *args, **more):
        if self.is_away and work.__name__ == "note_refused":
            self.is_away = False
            raise StoreError("the database is away")
        return await super().write(work, *args, **more)


def test_a_store_that_was_away_takes_no_place_among_those_who_are_asked(sqlite_engine, origin, monkeypatch):
    monkeypatch.setattr(subscriber, "ASKED", 1)
    now, configuration = NOW, offered(sqlite_engine, origin.on("/hub", Reply(500)))

    async def run():
        nonlocal now
        with Flighty(sqlite_engine) as store:
            async with Client(FetchSettings(allow_private=(origin.at,)), user_agent="test") as client:
                ours = Subscriber(store, None, client, None, configuration, lambda: now)
                store.is_away = True
                for count in (1, 2):
                    await ours.tick()
                    await asyncio.to_thread(origin.wait_for, "/hub", count)
                    await asyncio.gather(*ours._running, return_exceptions=True)
                    now += timedelta(seconds=subscriber.CLAIM_S + 1)

    asyncio.run(run())


def test_a_hub_is_left_alone_for_as_long_as_it_wishes(sqlite_engine, origin):
    hub = origin.on("/hub", Reply(429, (("Retry-After", "7200"),)))
    now, configuration, counts = NOW, offered(sqlite_engine, hub), []

    async def run():
        nonlocal now
        with StoreThread(sqlite_engine) as store:
            async with Client(FetchSettings(allow_private=(origin.at,)), user_agent="test") as client:
                ours = Subscriber(store, None, client, None, configuration, lambda: now)
                for seconds in (0, 7199, 7201):
                    now = NOW + timedelta(seconds=seconds)
                    await ours.tick()
                    await asyncio.gather(*ours._running)
                    counts.append(len(origin.requests))

    asyncio.run(run())
    assert counts == [1, 1, 2]
