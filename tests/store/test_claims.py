"""Claims: one winner, hosts spared, crashes forgiven."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from aggregator.model import Budget, Claim, Configuration, Failed, FailureKind, NextPoll, Source
from aggregator.store.engine import writing
from aggregator.store.sources.claims import claim_due, claim_sources, release
from tests.store.making import HOUR, NOW, apply, claim_all, claim_one, poll, source, store

MINUTE = timedelta(minutes=1)


def due(engine: Engine, now: object = NOW, limit: int = 100, per_host: int = 2) -> tuple[Claim, ...]:
    with writing(engine) as connection:
        return claim_due(connection, now, Budget(per_host=per_host), limit=limit, seconds=60)  # type: ignore[arg-type]


def many(count: int, host: str = "") -> tuple[Source, ...]:
    return tuple(source(f"s{n}", url=f"https://{host or f's{n}.example'}/{n}") for n in range(count))


def test_never_polled_sources_are_due_at_once_and_claimed_once(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(3)))
    assert [claim.slug for claim in due(engine)] == ["s0", "s1", "s2"]
    assert due(engine) == ()


def test_two_claimants_share_the_work_and_no_source_twice(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(60)))
    taken: list[str] = []

    def work() -> None:
        while claims := due(engine, limit=7):
            taken.extend(claim.slug for claim in claims)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == sorted(f"s{n}" for n in range(60))


def test_no_more_than_two_of_one_host_whoever_claims(engine: Engine) -> None:
    crowd = many(30, "crowd.example")
    apply(engine, Configuration(sources=(*crowd, source("lone"))))
    first = due(engine, limit=5)
    assert [claim.slug for claim in first] == ["s0", "s1", "lone"]
    assert due(engine, limit=5) == ()
    store(engine, poll(first[0]))
    assert [claim.slug for claim in due(engine, limit=5)] == ["s2"]


def test_crashed_claim_is_free_after_its_time_and_its_result_is_refused(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(1)))
    (lost,) = due(engine)
    assert due(engine, NOW + MINUTE - timedelta(seconds=1)) == ()
    (held,) = due(engine, NOW + MINUTE)
    assert held.token != lost.token
    assert store(engine, poll(lost, at=NOW + MINUTE)).lost == (lost.source_id,)
    assert store(engine, poll(held, at=NOW + MINUTE)).lost == ()


def test_late_result_counts_while_nobody_else_took_over(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(1)))
    (claim,) = due(engine)
    assert store(engine, poll(claim, at=NOW + HOUR)).lost == ()


def test_released_claim_can_be_taken_again_at_once(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(2)))
    claims = due(engine)
    with writing(engine) as connection:
        release(connection, claims[:1])
        release(connection, [replace(claims[1], token="somebody else's")])
    assert [claim.slug for claim in due(engine)] == ["s0"]


def test_longest_due_comes_first(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(3)))
    claims = claim_all(engine)
    for wait, slug in ((3, "s0"), (1, "s1"), (2, "s2")):
        store(engine, poll(claims[slug], next_poll=NextPoll(NOW + wait * MINUTE, "")))
    assert [claim.slug for claim in due(engine, NOW + HOUR)] == ["s1", "s2", "s0"]


def test_not_yet_due_is_left_alone_but_a_person_may_ask(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(1)))
    store(engine, poll(claim_one(engine, "s0")))
    assert due(engine, NOW + MINUTE) == ()
    with writing(engine) as connection:
        later = NOW + MINUTE
        assert claim_sources(connection, None, later, seconds=60, respect_due=True) == ()
        assert len(claim_sources(connection, None, later, seconds=60, respect_due=False)) == 1


def test_retry_after_binds_persons_too(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(1)))
    until = NOW + HOUR
    store(engine, poll(claim_one(engine, "s0"), next_poll=NextPoll(until, "", not_before=until)))
    assert claim_all(engine, until - MINUTE) == {}
    assert len(claim_all(engine, until)) == 1


def test_gone_source_is_never_claimed(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(1)))
    store(engine, poll(claim_one(engine, "s0"), kind="gone", info=None, validators=None))
    assert due(engine, NOW + HOUR) == ()
    assert claim_all(engine, NOW + HOUR) == {}


def test_claim_carries_what_the_last_polls_taught(engine: Engine) -> None:
    apply(engine, Configuration(sources=many(1)))
    store(engine, poll(claim_one(engine, "s0"), rhythm='{"rate": 1}'))
    broken = Failed(kind=FailureKind.DNS, reason="no such host")
    failed = {"kind": "failed", "failure": broken, "validators": None, "body_hash": None, "info": None}
    at = NOW + HOUR
    store(engine, poll(claim_one(engine, "s0", at), at=at, **failed))
    claim = claim_one(engine, "s0", at + HOUR)
    assert (claim.validators.etag, claim.validators.url) == ('"v1"', "https://s0.example/0")
    assert (claim.body_hash, claim.rhythm, claim.failures) == ("b" * 32, '{"rate": 1}', 1)
    assert (claim.last_poll, claim.last_success) == (at, NOW)
