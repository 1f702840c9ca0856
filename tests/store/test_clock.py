"""A clock that was wrong: what was planned by it is planned anew, and a killed worker's claims are free."""

from __future__ import annotations

from sqlalchemy import Engine

from aggregator.model import Claim, Configuration
from aggregator.store.claims import claim_due, claim_sources, release_dead
from aggregator.store.clock import plan_by
from aggregator.store.engine import writing
from tests.store.making import DAY, NOW, apply, claim_one, poll, source, store

TWO = Configuration(sources=(source("a"), source("b")))


def due(engine: Engine, limit: int = 10) -> tuple[Claim, ...]:
    with writing(engine) as connection:
        return claim_due(connection, NOW, limit=limit, per_host=8, seconds=180)


def test_what_was_polled_or_claimed_in_the_future_is_due_now(engine: Engine) -> None:
    apply(engine, TWO)
    ahead = NOW + DAY
    store(engine, poll(claim_one(engine, "a", ahead), at=ahead))
    claim_one(engine, "b", ahead, seconds=60)
    assert due(engine) == ()
    with writing(engine) as connection:
        assert plan_by(connection, NOW) == 1
    assert {claim.slug for claim in due(engine)} == {"a", "b"}


def test_a_right_clock_changes_nothing(engine: Engine) -> None:
    apply(engine, TWO)
    store(engine, poll(claim_one(engine, "a"), at=NOW))
    claim_one(engine, "b", seconds=60)
    with writing(engine) as connection:
        assert plan_by(connection, NOW) == 0
    assert due(engine) == ()


def test_claims_of_a_killed_worker_are_freed_and_those_of_a_person_stay(engine: Engine) -> None:
    apply(engine, TWO)
    assert len(due(engine, limit=1)) == 1
    with writing(engine) as connection:
        assert len(claim_sources(connection, None, NOW, seconds=180, respect_due=False)) == 1
    assert due(engine) == ()
    with writing(engine) as connection:
        assert release_dead(connection) == 1
    assert len(due(engine)) == 1
