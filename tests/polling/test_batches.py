"""What the poller takes in at once, and when it lets polls wait."""

import asyncio

from sqlalchemy import Engine

from aggregator.daemon.poller import BATCH_ENTRIES, Poller
from aggregator.http.client import Client
from aggregator.model import Configuration, FeedInfo, Fetched, FetchSettings, ParsedFeed, Source, Validators
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline import Polled, rules_in_force
from aggregator.store.engine import writing
from aggregator.store.sources.claims import claim_sources
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
        async with Client(configuration.fetch, user_agent="test") as client:
            poller = Poller(
                sqlite_engine,
                rules_in_force("", configuration),
                client,
                sandbox,
                fetching=configuration.fetch,
                clock=lambda: NOW,
                on_saved=lambda batch, saved: sizes.append(len(saved.new)),
            )
            with writing(sqlite_engine) as connection:
                claims = claim_sources(connection, None, NOW, seconds=60, respect_due=False)
            for claim in claims:
                entries = tuple(entry(f"{claim.slug}-{n}") for n in range(EACH))
                answer = Fetched(url=claim.url, status=200, headers={}, body=b"", validators=Validators())
                poller.bring(
                    Polled(
                        claim,
                        NOW,
                        answer,
                        ParsedFeed(format="rss20", info=FeedInfo(), entries=entries),
                        "hash",
                    )
                )
                rooms.append(poller._has_room.is_set())
                assert sandbox.is_held is not rooms[-1]
            await poller.finish()
            assert poller._has_room.is_set()
            assert not sandbox.is_held
            await poller.drain(0)

    asyncio.run(run())
    assert sum(sizes) == SOURCES * EACH
    assert max(sizes) < BATCH_ENTRIES + EACH
    assert rooms == [(n + 1) * EACH < BATCH_ENTRIES for n in range(SOURCES)]
