"""/metrics and /readyz: right with several processes, and honest when no worker comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from aggregator.model import Configuration, Failed, FailureKind, Feed
from aggregator.model.problem import Trouble, TroubleKind
from aggregator.store.engine import reading, writing
from aggregator.store.problems import note_troubles
from aggregator.store.pulse import take_pulse
from aggregator.web.app import create_app
from tests.running import wait_until
from tests.store.making import NOW, apply, arrive, claim_one, entry, poll, source, store


def numbers(engine: Engine) -> dict[tuple[str, str], float]:
    body = create_app(engine).test_client().get("/metrics").text
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_polls_failures_and_articles_are_counted_in_the_store(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("a"), source("b"), source("c"))))
    arrive(engine, "a", entry("1"), entry("2"))
    failure = Failed(kind=FailureKind.KILLED, reason="It took too long.")
    store(engine, poll(claim_one(engine, "b"), kind="failed", failure=failure, validators=None, info=None))
    found = numbers(engine)
    assert found["aggregator_polls_total", "new"] == 1
    assert found["aggregator_polls_total", "failed"] == 1
    assert found["aggregator_failures_total", "killed"] == 1
    assert found["aggregator_articles_total", "new"] == 2
    assert found["aggregator_stored_articles", ""] == 2
    assert [found["aggregator_sources", state] for state in ("ok", "failing", "new", "gone")] == [1, 1, 1, 0]


def test_a_rolled_back_batch_counts_nothing(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("a"),)))
    claim = claim_one(engine, "a")
    store(engine, poll(claim))
    store(engine, poll(claim))  # the claim is spent
    assert numbers(engine)["aggregator_polls_total", "new"] == 1


def test_ready_until_a_source_waits_in_vain(sqlite_engine: Engine) -> None:
    client = create_app(sqlite_engine).test_client()
    assert client.get("/readyz").status_code == 200
    apply(sqlite_engine, Configuration(sources=(source("a"),)), datetime.now(UTC) - timedelta(hours=1))
    waiting = client.get("/readyz")
    assert waiting.status_code == 503
    assert "no worker" in waiting.text


def test_lateness_is_that_of_the_most_overdue_source(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("a"), source("b"))))
    with reading(engine) as connection:
        pulse = take_pulse(connection, NOW + timedelta(minutes=10))
    assert (pulse.due, pulse.lateness_s, pulse.last_poll) == (2, 600.0, None)


def test_requests_are_counted_by_status(sqlite_engine: Engine) -> None:
    before = numbers(sqlite_engine).get(("aggregator_requests_total", "404"), 0)
    create_app(sqlite_engine).test_client().get("/nothing-here")
    assert numbers(sqlite_engine)["aggregator_requests_total", "404"] == before + 1


def test_stale_feeds_are_counted_and_make_it_unready(sqlite_engine: Engine) -> None:
    client = create_app(sqlite_engine).test_client()
    apply(sqlite_engine, Configuration(feeds=(Feed(slug="all", title="All"),)))
    trouble = Trouble(TroubleKind.STALE, "Nothing new in All", "For a week.")
    with writing(sqlite_engine) as connection:
        note_troubles(connection, {TroubleKind.STALE}, {"feed:all": (trouble,)}, NOW)
    assert numbers(sqlite_engine)["aggregator_problems", "stale"] == 1
    stale = client.get("/readyz")
    assert (stale.status_code, "1 feed is stale" in stale.text) == (503, True)
    with writing(sqlite_engine) as connection:
        note_troubles(connection, {TroubleKind.STALE}, {"feed:all": ()}, NOW + timedelta(hours=1))
    wait_until(lambda: client.get("/readyz").status_code == 200, what="readiness")


def test_a_feed_is_rendered_once_for_many_requests(sqlite_engine: Engine) -> None:
    apply(sqlite_engine, Configuration(feeds=(Feed(slug="all", title="All"),)))
    client = create_app(sqlite_engine).test_client()
    before = numbers(sqlite_engine).get(("aggregator_renders_total", "atom"), 0)
    for _ in range(3):
        assert client.get("/feeds/all.atom").status_code == 200
    assert numbers(sqlite_engine)["aggregator_renders_total", "atom"] == before + 1
