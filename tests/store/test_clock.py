"""A clock that was wrong: what was planned by it is planned anew, and a killed worker's claims are free."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from aggregator.model import (
    Budget,
    Claim,
    Configuration,
    Failed,
    FailureKind,
    Feed,
    Hints,
    NextPoll,
    PushOffer,
)
from aggregator.model.pages import PageRead, RobotsDocument
from aggregator.model.push import HubRequest
from aggregator.store.articles.page_texts import claim_pages, save_pages
from aggregator.store.articles.robots import find_robots, keep_robots
from aggregator.store.clock import plan_by
from aggregator.store.engine import writing
from aggregator.store.holders import has_ended, new_token
from aggregator.store.outgoing.webhooks import claim_call, note_entered, note_refused
from aggregator.store.push.hub import claim_dispatches, fail, mark_changed
from aggregator.store.push.hub_requests import subscribe
from aggregator.store.push.subscriptions import (
    claim_subscriptions,
    note_offers,
    note_verified,
    plan_subscriptions,
)
from aggregator.store.sources.claims import claim_due, claim_sources, release_dead
from aggregator.store.tables import sources
from tests.running import environment
from tests.store.making import DAY, HOUR, NOW, apply, arrive, claim_one, entry, head_of, poll, source, store

TOPIC = "https://a.example/feed"
TWO = Configuration(sources=(source("a"), source("b")))


def due(engine: Engine, limit: int = 10) -> tuple[Claim, ...]:
    with writing(engine) as connection:
        return claim_due(connection, NOW, Budget(per_host=8), limit=limit, seconds=180)


def test_what_was_polled_or_claimed_in_the_future_is_due_now(engine: Engine) -> None:
    apply(engine, TWO)
    ahead = NOW + DAY
    store(engine, poll(claim_one(engine, "a", ahead), at=ahead))
    claim_one(engine, "b", ahead, seconds=60)
    assert due(engine) == ()
    with writing(engine) as connection:
        assert plan_by(connection, NOW) == 1
    assert {claim.slug for claim in due(engine)} == {"a", "b"}


def test_what_is_gone_stays_so_and_why(engine: Engine) -> None:
    apply(engine, TWO)
    ahead = NOW + DAY
    over = {"info": None, "validators": None, "next_poll": NextPoll(ahead, "gone for good", None)}
    store(engine, poll(claim_one(engine, "a", ahead), at=ahead, kind="gone", **over))
    with writing(engine) as connection:
        plan_by(connection, NOW)
        told = select(sources.c.next_why, sources.c.last_poll).where(sources.c.is_gone)
        assert connection.execute(told).one() == ("gone for good", NOW)


def wait_for_all(engine: Engine, at: datetime) -> None:
    """Have a site, a page, a robots.txt and a lease wait, as they do after polls of that time."""
    apply(engine, replace(TWO, sources=(source("a", full_text=True), source("b"))), at)
    refused = Failed(kind=FailureKind.RATE_LIMITED, reason="429", hints=Hints(retry_after_s=7200))
    no = {"failure": refused, "hints": refused.hints, "next_poll": NextPoll(at + HOUR, "429", at + 2 * HOUR)}
    store(engine, poll(claim_one(engine, "b", at), at=at, kind="failed", info=None, **no))
    arrive(engine, "a", entry("bridge"), feeds=("source:a",), at=at)
    with writing(engine) as connection:
        (page,) = claim_pages(connection, at, Budget(per_host=8), limit=1, seconds=60)
        failed = Failed(kind=FailureKind.TIMEOUT, reason="silence")
        save_pages(connection, [PageRead(claim=page, at=at, failure=failed)])
        keep_robots(connection, "https://a.example", RobotsDocument("open"), at + DAY)
        note_offers(connection, {page.article_id: PushOffer(TOPIC, ("https://hub.example/",))})
        plan_subscriptions(connection, at, lambda _hub: True)
        (asked,) = claim_subscriptions(connection, at, limit=1, seconds=60)
        assert note_verified(connection, asked.callback, "subscribe", TOPIC, 7 * 86_400, at)


def what_waits(engine: Engine, now: datetime) -> list[str]:
    """Return what of all that can be done at *now*."""
    with writing(engine) as connection:
        found = {
            "site": {c.slug for c in claim_sources(connection, None, now, seconds=9, respect_due=False)}
            >= {"b"},
            "page": bool(claim_pages(connection, now, Budget(per_host=8), limit=1, seconds=60)),
            "robots": find_robots(connection, "https://a.example", now) is None,
            "lease": bool(claim_subscriptions(connection, now, limit=1, seconds=60)),
        }
    return [what for what, is_open in found.items() if is_open]


def test_nothing_waits_until_the_time_of_a_clock_that_was_wrong(engine: Engine) -> None:
    wait_for_all(engine, NOW + 400 * DAY)
    with writing(engine) as connection:
        plan_by(connection, NOW)
    assert what_waits(engine, NOW) == ["site", "page", "robots", "lease"]


def test_what_waits_by_a_right_clock_waits_on(engine: Engine) -> None:
    wait_for_all(engine, NOW)
    with writing(engine) as connection:
        plan_by(connection, NOW)
    assert what_waits(engine, NOW) == []


def test_who_asked_to_be_left_alone_for_two_days_is_by_the_next_worker_too(engine: Engine) -> None:
    apply(engine, replace(TWO, feeds=(Feed(slug="front", title="Front"),)))
    two_days_s, head = 2 * 86_400.0, head_of(engine)
    with writing(engine) as connection:
        wish = HubRequest(
            mode="subscribe",
            callback="https://reader.example/back",
            topic=TOPIC,
            feed_id=head.id,
            suffix="atom",
            lease_s=900_000,
        )
        subscribe(connection, wish, NOW)
        note_entered(connection, "desk", head, NOW)
    arrive(engine, "a", entry("bridge"), feeds=["front"])
    with writing(engine) as connection:
        mark_changed(connection, NOW)
        (dispatch,) = claim_dispatches(connection, NOW, limit=9, per_host=9, seconds=60, is_slow=False)
        fail(connection, dispatch, "429", NOW, two_days_s)
        note_entered(connection, "desk", head_of(engine), NOW)
        call = claim_call(connection, "desk", NOW, seconds=60)
        assert call is not None
        note_refused(connection, call, "429", NOW, two_days_s)
        plan_by(connection, NOW)
        assert not claim_dispatches(connection, NOW + DAY, limit=9, per_host=9, seconds=60, is_slow=True)
        assert claim_call(connection, "desk", NOW + DAY, seconds=60) is None
        plan_by(connection, NOW - 9 * DAY)
        assert claim_call(connection, "desk", NOW, seconds=60) is not None


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
        assert release_dead(connection, is_alone=True) == 1
    assert len(due(engine)) == 1


def claim_elsewhere(url: str, *, is_killed: bool) -> subprocess.Popen[str]:
    """Claim what is due in a process of its own, and kill that, or let it wait for its end."""
    program = (
        "import sys; from datetime import datetime;"
        "from aggregator.model import Budget; from aggregator.store.sources.claims import claim_due\n"
        "from aggregator.store.engine import open_engine, writing\n"
        "with writing(open_engine(sys.argv[1])) as connection:\n"
        "    now = datetime.fromisoformat(sys.argv[2])\n"
        "    claim_due(connection, now, Budget(per_host=8), limit=1, seconds=180)\n"
        "print('claimed', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, url, NOW.isoformat()],
        env=environment(),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline() == "claimed\n"
    if is_killed:
        process.kill()
    return process


@pytest.mark.skipif(not Path("/proc/self/ns/pid").exists(), reason="who has ended is known on Linux only")
def test_what_a_killed_process_of_this_machine_had_claimed_is_free_and_a_living_ones_is_not(
    engine: Engine,
) -> None:
    apply(engine, TWO)
    url = engine.url.render_as_string(hide_password=False)
    with claim_elsewhere(url, is_killed=True), claim_elsewhere(url, is_killed=False) as living:
        assert due(engine) == ()
        with writing(engine) as connection:
            assert release_dead(connection, is_alone=False) == 1  # while nobody has asked how it ended
            assert release_dead(connection, is_alone=False) == 0
        assert len(due(engine)) == 1
        assert living.stdin
        living.stdin.close()


def test_a_token_of_another_machine_or_of_none_says_nothing() -> None:
    place, pid, began, rest = new_token("worker-").removeprefix("worker-").split(".")
    assert not has_ended(f"worker-{place}.{pid}.{began}.{rest}")
    assert has_ended(f"worker-{place}.{pid}.{int(began) - 1}.{rest}")  # its number went to another
    assert not has_ended(f"worker-{'0' * 12}.{pid}.{int(began) - 1}.{rest}")
    assert not has_ended("worker-" + rest)
    assert not has_ended("")
