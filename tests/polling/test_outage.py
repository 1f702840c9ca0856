"""Our own network is down: nobody is blamed, and everything goes on when it is back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from aggregator.daemon.poller import Poller
from aggregator.http.client import Client
from aggregator.model import (
    Configuration,
    Failed,
    FailureKind,
    FetchSettings,
    NotModified,
    Outcome,
    Source,
    SourceState,
    Validators,
)
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline import rules_in_force
from aggregator.schedule.outage import Reach, note
from aggregator.store.engine import reading, writing
from aggregator.store.sources.claims import claim_sources
from aggregator.store.sources.states import list_states
from tests.origin import Origin, Reply
from tests.polling.station import DAY, HOUR, MINUTE, NOW, rss, tagged
from tests.store.making import apply

ANSWER = NotModified(validators=Validators('"1"'))


def lost(kind: FailureKind = FailureKind.DNS) -> Failed:
    return Failed(kind=kind, reason="no way through")


#: what happened, in order: (site, outcome, minutes since the one before)
CASES: dict[str, tuple[list[tuple[str, Outcome, float]], bool]] = {
    "three sites out of reach at once": ([("a", lost(), 0), ("b", lost(), 0), ("c", lost(), 1)], True),
    "every way of not getting through counts": (
        [(k, lost(kind), 0) for k, kind in zip("abc", ("dns", "connect", "timeout"), strict=True)],
        True,
    ),
    "one site that fails three times is that site": ([("a", lost(), 0)] * 3, False),
    "somebody answered in between": (
        [("a", lost(), 0), ("b", lost(), 0), ("d", ANSWER, 0), ("c", lost(), 0)],
        False,
    ),
    "an error page is an answer": (
        [("a", lost(), 0), ("b", lost(), 0), ("d", lost(FailureKind.HTTP), 0), ("c", lost(), 0)],
        False,
    ),
    "failures spread over the day are those sites": (
        [("a", lost(), 0), ("b", lost(), 60), ("c", lost(), 60)],
        False,
    ),
    "who takes connections only to break them is there": (
        [(site, replace(lost(FailureKind.TIMEOUT), is_reached=True), 0) for site in "abc"],
        False,
    ),
    "what the guard refused says nothing": (
        [(site, lost(FailureKind.REFUSED), 0) for site in "abc"],
        False,
    ),
    "it lasts until somebody answers": (
        [(site, lost(), 0) for site in "abc"] + [("a", lost(), 60)],
        True,
    ),
    "it ends with the first answer": ([(site, lost(), 0) for site in "abc"] + [("a", ANSWER, 60)], False),
}


@pytest.mark.parametrize(("polls", "is_down"), CASES.values(), ids=CASES.keys())
def test_when_it_must_be_us(polls: list[tuple[str, Outcome, float]], is_down: bool) -> None:
    reach, at = Reach(), NOW
    for site, outcome, minutes in polls:
        at += timedelta(minutes=minutes)
        reach = note(reach, site, outcome, at)
    assert reach.is_down is is_down


class Clock:
    """A clock we turn."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> object:
        return self.at


def poll_all(engine: Engine, configuration: Configuration, clock: Clock, rounds: list[object]) -> None:
    """Poll everything once for each item of *rounds*, calling it first, with one poller."""

    async def run() -> None:
        async with Client(configuration.fetch, user_agent="test") as client:
            poller = Poller(
                engine, rules_in_force("", configuration), client, Sandbox(workers=0),
                fetching=configuration.fetch, clock=clock,  # type: ignore[arg-type]
            )  # fmt: skip
            for before in rounds:
                before()  # type: ignore[operator]
                with writing(engine) as connection:
                    claims = claim_sources(connection, None, clock.at, seconds=60, respect_due=False)
                poller.start(claims)
                await poller.finish()
            await poller.drain(0)

    asyncio.run(run())


def states(engine: Engine) -> dict[str, SourceState]:
    with reading(engine) as connection:
        return {state.slug: state for state in list_states(connection)}


@pytest.fixture
def world(sqlite_engine: Engine) -> tuple[Engine, Configuration, list[Origin]]:
    """Four papers on four machines of their own."""
    origins = [Origin(host=f"127.0.0.{n}") for n in range(2, 6)]
    for origin in origins:
        origin.__enter__()
        origin.on("/feed", tagged(rss("a")))
    sources = tuple(Source(url=origin.url("/feed"), name=f"p{n}") for n, origin in enumerate(origins))
    settings = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=2)
    configuration = Configuration(sources=sources, fetch=settings)
    apply(sqlite_engine, configuration, NOW)
    yield sqlite_engine, configuration, origins
    for origin in origins:
        origin.close()


def test_a_dead_network_counts_against_nobody(world: tuple[Engine, Configuration, list[Origin]]) -> None:
    engine, configuration, origins = world
    clock = Clock()

    def cut() -> None:
        clock.at += HOUR
        for origin in origins:
            origin.close()

    poll_all(engine, configuration, clock, [lambda: None, cut])
    for state in states(engine).values():
        assert (state.failures, state.failure_kind, state.state) == (0, "offline", "ok")
        assert "own network" in (state.reason or "")
        assert state.last_poll == NOW, "nobody was asked"
        assert state.next_poll is not None
        assert 5 * MINUTE <= state.next_poll - clock.at <= 10 * MINUTE


def test_one_dead_site_among_living_ones_is_its_own_fault(
    world: tuple[Engine, Configuration, list[Origin]],
) -> None:
    engine, configuration, origins = world
    clock = Clock()
    poll_all(engine, configuration, clock, [origins[0].close])
    found = states(engine)
    assert (found["p0"].failures, found["p0"].failure_kind) == (1, "connect")
    assert all(found[f"p{n}"].state == "ok" for n in (1, 2, 3))


def test_when_the_network_is_back_everything_is_due_at_once(
    world: tuple[Engine, Configuration, list[Origin]],
) -> None:
    engine, configuration, origins = world
    clock = Clock()
    ports = [origin.port for origin in origins]

    def cut() -> None:
        clock.at += HOUR
        for origin in origins:
            origin.close()

    def mend() -> None:
        clock.at += MINUTE
        origins[0] = Origin(host="127.0.0.2", port=ports[0])
        origins[0].__enter__()
        origins[0].on("/feed", Reply(200, (), rss("a", "b")))

    poll_all(engine, configuration, clock, [lambda: None, cut, mend])
    found = states(engine)
    assert found["p0"].state == "ok"
    assert found["p0"].next_poll is not None
    assert found["p0"].next_poll - clock.at >= DAY * 0.9  # no validators: once a day
    late = [state for state in found.values() if state.slug != "p0"]
    assert all(state.failures <= 1 for state in late)
