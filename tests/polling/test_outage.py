"""Our own network is down: nobody is blamed, and everything goes on when it is back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from aggregator.daemon.intake import Intake
from aggregator.daemon.poller import Poller
from aggregator.daemon.storethread import StoreThread
from aggregator.errors import StoreError
from aggregator.http.client import Client
from aggregator.model import (
    Claim,
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
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import rules_in_force
from aggregator.schedule.outage import PATIENCE, Reach, note
from aggregator.store.engine import reading, writing
from aggregator.store.sources.claims import claim_sources
from aggregator.store.sources.states import list_states
from tests.origin import Origin, Reply
from tests.polling.station import DAY, HOUR, MINUTE, NOW, rss, tagged
from tests.store.making import apply, claim_all

ANSWER = NotModified(validators=Validators('"1"'))
OFFLINE = Failed(kind=FailureKind.OFFLINE, reason="nobody can be reached")
CUT_OFF = Failed(kind=FailureKind.TIMEOUT, reason="it took the request", is_reached=True)


def lost(kind: FailureKind = FailureKind.DNS) -> Failed:
    return Failed(kind=kind, reason="no way through")


def claim(site: str, **known: Any) -> Claim:
    return Claim(
        source_id=1, slug=site, source=Source(url=site), token="", until=NOW, url=site, group=site, **known
    )


#: what happened, in order, to one site after another: (site, outcome, minutes since the one before)
CASES: dict[str, tuple[list[tuple[str | Claim, Outcome, float]], bool]] = {
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
    "who was asked meanwhile and waits does not answer, and is no sign of us either": (
        [*((site, lost(), 0) for site in "ab"), ("d", CUT_OFF, 0), ("c", lost(), 0)],
        True,
    ),
    "sites that were in trouble before are no sign": (
        [(claim(site, failures=1), lost(), 0) for site in "abcd"],
        False,
    ),
    "two and one that was in trouble before are two": (
        [("a", lost(), 0), ("b", lost(), 0), (claim("c", failures=3), lost(), 0)],
        False,
    ),
    "they are asked again because somebody answers, and they do not": (
        [*((site, lost(), 0) for site in "abc"), ("d", ANSWER, 60)]
        + [(claim(site, is_offline=True), lost(), 0) for site in "abc"],
        False,
    ),
    "a program that begins while we are cut off believes it still": (
        [(claim(site, is_offline=True), lost(), 0) for site in "abc"],
        True,
    ),
    "it lasts until somebody answers": (
        [(site, lost(), 0) for site in "abc"] + [("a", lost(), 60)],
        True,
    ),
    "it ends with the first answer": ([(site, lost(), 0) for site in "abc"] + [("a", ANSWER, 60)], False),
}


@pytest.mark.parametrize(("polls", "is_down"), CASES.values(), ids=CASES.keys())
def test_when_it_must_be_us(polls: list[tuple[str | Claim, Outcome, float]], is_down: bool) -> None:
    reach, at = Reach(), NOW
    for site, outcome, minutes in polls:
        at += timedelta(minutes=minutes)
        asked = claim(site) if isinstance(site, str) else site
        reach = note(reach, asked, outcome, at, is_last=True)
    assert reach.is_down is is_down


def test_those_who_may_still_answer_are_waited_for_but_not_for_ever() -> None:
    reach = Reach()
    for site in "abc":
        reach = note(reach, claim(site), lost(), NOW, is_last=False)
    assert not reach.is_down
    assert not note(reach, claim("d"), ANSWER, NOW, is_last=True).is_down
    assert note(reach, claim("d"), CUT_OFF, NOW, is_last=True).is_down
    assert note(reach, claim("a"), lost(), NOW + PATIENCE, is_last=False).is_down


class Clock:
    """A clock we turn."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> object:
        return self.at


def poll_all(engine: Engine, configuration: Configuration, clock: Clock, rounds: list[object]) -> None:
    """Poll everything once for each item of *rounds*, calling it first, with one poller."""

    async def run() -> None:
        sandbox = Sandbox(workers=0)
        async with Client(configuration.fetch, user_agent="test") as client:
            with StoreThread(engine) as store:
                intake = Intake(store, rules_in_force("", configuration), sandbox, clock)  # type: ignore[arg-type]
                poller = Poller(store, intake, client, sandbox, configuration.fetch, clock)  # type: ignore[arg-type]
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


def cut(clock: Clock, origins: list[Origin]) -> None:
    """An hour later, nobody can be reached."""
    clock.at += HOUR
    for origin in origins:
        origin.close()


def open_again(origins: list[Origin], number: int, feed: Reply) -> None:
    """Have a site answer where it answered before."""
    origins[number] = Origin(host=f"127.0.0.{number + 2}", port=origins[number].port)
    origins[number].__enter__()
    origins[number].on("/feed", feed)


def test_a_dead_network_counts_against_nobody(world: tuple[Engine, Configuration, list[Origin]]) -> None:
    engine, configuration, origins = world
    clock = Clock()

    poll_all(engine, configuration, clock, [lambda: None, lambda: cut(clock, origins)])
    for state in states(engine).values():
        assert (state.failures, state.failure_kind, state.state) == (0, "offline", "ok")
        assert "own network" in (state.reason or "")
        assert state.last_poll == NOW, "nobody was asked"
        assert state.next_poll is not None
        assert 5 * MINUTE <= state.next_poll - clock.at <= 10 * MINUTE


class Away(StoreThread):
    """A store that does not answer."""

    is_away = True

    async def call(self, work: Any, *args: Any, **more: Any) -> Any:
        if self.is_away:
            raise StoreError("the store is away")
        return await super().call(work, *args, **more)


def test_a_dead_network_counts_against_nobody_whose_failure_waits_for_the_store(
    sqlite_engine: Engine,
) -> None:
    configuration = Configuration(sources=(Source(url="https://paper.example/feed", name="Paper"),))
    apply(sqlite_engine, configuration, NOW)
    (claimed,) = claim_all(sqlite_engine).values()
    failed = Polled(claimed, NOW, lost())

    async def run() -> None:
        with Away(sqlite_engine) as store:
            rules = rules_in_force("", configuration)
            intake = Intake(store, rules, Sandbox(workers=0), lambda: NOW, patience_s=60)
            intake.add(failed)
            await intake.flush()
            assert intake.excuse([failed], lambda one: replace(one, outcome=OFFLINE)) == []
            store.is_away = False
            await intake.drain()

    asyncio.run(run())
    state = states(sqlite_engine)["paper"]
    assert (state.failures, state.failure_kind) == (0, "offline")


def test_one_dead_site_among_living_ones_is_its_own_fault(
    world: tuple[Engine, Configuration, list[Origin]],
) -> None:
    engine, configuration, origins = world
    clock = Clock()
    poll_all(engine, configuration, clock, [origins[0].close])
    found = states(engine)
    assert (found["p0"].failures, found["p0"].failure_kind) == (1, "connect")
    assert all(found[f"p{n}"].state == "ok" for n in (1, 2, 3))


def test_most_sites_dead_at_once_are_their_own_fault_while_one_answers(
    world: tuple[Engine, Configuration, list[Origin]],
) -> None:
    engine, configuration, origins = world
    clock = Clock()

    def die() -> None:
        clock.at += HOUR
        for origin in origins[:3]:
            origin.close()
        # the living one answers when the others were found dead already
        origins[3].on("/feed", Reply(200, (), rss("a"), drip=(100, 0.1)))

    def later() -> None:
        clock.at += HOUR

    poll_all(engine, configuration, clock, [lambda: None, die, later, later])
    for slug in ("p0", "p1", "p2"):
        state = states(engine)[slug]
        assert (state.failures, state.failure_kind) == (3, "connect")
        assert state.next_poll is not None
        assert state.next_poll - clock.at > 7 * HOUR, "as long as any site that is down"


def test_sites_that_stay_dead_when_another_answers_are_their_own_fault(
    world: tuple[Engine, Configuration, list[Origin]],
) -> None:
    engine, configuration, origins = world
    clock = Clock()

    def mend_one() -> None:
        clock.at += HOUR
        open_again(origins, 3, tagged(rss("a")))

    poll_all(engine, configuration, clock, [lambda: None, lambda: cut(clock, origins)])
    assert {state.failure_kind for state in states(engine).values()} == {"offline"}
    # another program: it knows from the store alone that they wait for the network
    poll_all(engine, configuration, clock, [mend_one, lambda: None])
    found = states(engine)
    assert found["p3"].state == "ok"
    assert {(found[slug].failures, found[slug].failure_kind) for slug in ("p0", "p1", "p2")} == {
        (2, "connect")
    }


def test_when_the_network_is_back_everything_is_due_at_once(
    world: tuple[Engine, Configuration, list[Origin]],
) -> None:
    engine, configuration, origins = world
    clock = Clock()

    def mend() -> None:
        clock.at += MINUTE
        open_again(origins, 0, Reply(200, (), rss("a", "b")))

    poll_all(engine, configuration, clock, [lambda: None, lambda: cut(clock, origins), mend])
    found = states(engine)
    assert found["p0"].state == "ok"
    assert found["p0"].next_poll is not None
    assert found["p0"].next_poll - clock.at >= DAY * 0.9  # no validators: once a day
    late = [state for state in found.values() if state.slug != "p0"]
    assert all(state.failures <= 1 for state in late)
