"""/metrics and /readyz: right with several processes, and honest when no worker comes."""

from __future__ import annotations

import json
from collections import Counter, namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, select

from aggregator.model import Configuration, Failed, FailureKind, Feed
from aggregator.model.problem import Trouble, TroubleKind
from aggregator.store.engine import reading, writing
from aggregator.store.integrity import find_refusal
from aggregator.store.problems import note_troubles
from aggregator.store.pulse import take_pulse
from aggregator.store.tables import hosts, sources
from aggregator.web.app import create_app
from tests.origin import Origin, document
from tests.running import family, free_port, running, wait_until
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


def test_a_full_or_read_only_disk_is_told_at_once(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(sqlite_engine).test_client()
    usage = namedtuple("usage", "free")
    monkeypatch.setattr("aggregator.store.failures.shutil.disk_usage", lambda _: usage(1_000_000))
    full = client.get("/readyz")
    assert (full.status_code, "is full; make room" in full.text) == (503, True)
    assert client.get("/healthz").status_code == 200
    assert find_refusal(sqlite_engine).endswith("is full; make room")


def test_lateness_is_that_of_the_most_overdue_source(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("a"), source("b"))))
    with reading(engine) as connection:
        found = take_pulse(connection, NOW + timedelta(minutes=10)).overview
    assert (found.due, found.overdue_s, found.last_poll) == (2, 600.0, None)


def test_a_source_that_is_polled_now_or_whose_site_asked_us_to_wait_is_not_overdue(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("a"), source("b"))))
    claim_one(engine, "a", now=NOW + timedelta(minutes=9), seconds=300)
    with writing(engine) as connection:
        group = connection.scalar(select(sources.c.host).where(sources.c.slug == "b"))
        connection.execute(hosts.insert().values(name=group, not_before=NOW + timedelta(minutes=8)))
    with reading(engine) as connection:
        found = [take_pulse(connection, NOW + timedelta(minutes=n)).overview for n in (7, 10, 15)]
    assert [(one.due, one.overdue_s) for one in found] == [(0, 0.0), (1, 120.0), (2, 900.0)]


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


FEED = b'<rss version="2.0"><channel><title>P</title><link>http://p.example/</link>%b</channel></rss>'
ITEMS = b"".join(b"<item><guid>%d</guid><title>Number %d</title></item>" % (n, n) for n in range(3))
CONFIG = """
site: {{url: 'http://127.0.0.1:{port}'}}
web: {{listen: '127.0.0.1:{port}', processes: 2}}
database: sqlite:///paper.db
fetch: {{allow_private: ['{origin.at}']}}
feeds: {{all: {{query: ''}}}}
sources:
  - {{url: '{base}/a', name: A}}
  - {{url: '{base}/b', name: B}}
  - {{url: '{base}/nothing', name: C}}
"""


def test_a_worker_and_two_web_processes_are_told_as_one(tmp_path: Path) -> None:
    """Every series comes once, whichever process is asked, and counts what all of them did."""
    port, config = free_port(), tmp_path / "paper.yaml"
    with Origin() as origin:
        for path in ("/a", "/b"):
            origin.on(path, document(FEED % ITEMS))
        config.write_text(CONFIG.format(port=port, origin=origin, base=origin.url("")), "utf-8")
        url = f"http://127.0.0.1:{port}"
        with running(config, url, "--log-format", "json", "run") as program:

            def ask() -> dict[str, float]:
                told = program.get("/metrics")[2].decode()
                lines = [line.rpartition(" ") for line in told.splitlines() if not line.startswith("#")]
                named = [line for line in told.splitlines() if line.startswith("# TYPE")]
                assert Counter(named + [series for series, _, _ in lines]).most_common(1)[0][1] == 1
                return {series: float(value) for series, _, value in lines}

            polled = 'aggregator_polls_total{outcome="new"}', 'aggregator_polls_total{outcome="failed"}'
            wait_until(lambda: [ask().get(one) for one in polled] == [2, 1], what="three polls to be counted")
            for number in range(20):
                assert program.get(f"/nowhere/{number}")[0] == 404
                assert program.get(f"/feeds/all.atom?limit={number % 2 + 1}")[0] == 200
            answers = [ask() for _ in range(10)]
            for name, total in (
                (polled[0], 2),
                (polled[1], 1),
                ('aggregator_failures_total{kind="http"}', 1),
                ('aggregator_articles_total{change="new"}', 6),
                ('aggregator_requests_total{status="404"}', 20),
                ("aggregator_stored_articles", 6),
                ('aggregator_sources{state="ok"}', 2),
            ):
                assert {answer.get(name) for answer in answers} == {total}, name
            (renders,) = {answer['aggregator_renders_total{format="atom"}'] for answer in answers}
            assert 2 <= renders <= 8, "two addresses, rendered by each process once a version"
            assert len(family(program.process.pid)) >= 4
        events = [json.loads(line) for line in program.log.read_text("utf-8").splitlines()]
        polls = [event for event in events if event["logger"] == "aggregator.poll"]
        assert sorted(event["level"] for event in polls) == ["info", "info", "warning"]
        assert [event["message"].rpartition(" id=")[2] for event in polls] == [e["poll"] for e in polls]
