"""What is taken in at once, and when polls have to wait for it."""

import asyncio

from sqlalchemy import Engine

from aggregator.daemon.intake import BATCH_ENTRIES, Intake
from aggregator.daemon.storethread import StoreThread
from aggregator.model import Configuration, FeedInfo, Fetched, FetchSettings, ParsedFeed, Source, Validators
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import rules_in_force
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
