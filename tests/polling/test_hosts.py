"""One budget for each site: who shares it, how it is kept, and what the ledger says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from aggregator.http.groups import group_of, is_shared
from aggregator.model import Budget, Configuration, Failed, FailureKind, Hints, NextPoll, Source, Validators
from aggregator.store.engine import reading, writing
from aggregator.store.sources.claims import claim_due, claim_sources
from aggregator.store.sources.hosts import forget_old_days, load_hosts
from aggregator.store.sources.states import find_source
from tests.origin import Reply, document
from tests.polling.station import DAY, HOUR, MINUTE, Station, paper, rss, tagged
from tests.store.making import NOW, apply, claim_one, poll, source, store

SECOND = timedelta(seconds=1)

GROUPS = {
    "sub-domains of one site are one group": ("https://feeds.bbci.co.uk/news/rss.xml", "bbci.co.uk"),
    "the site itself": ("http://www.tumblr.com/", "tumblr.com"),
    "a blog of a big host": ("https://cats.tumblr.com/rss", "tumblr.com"),
    "customers of a public suffix are sites of their own": ("https://anna.github.io/f", "anna.github.io"),
    "a port is the same site": ("https://paper.example:8443/f", "paper.example"),
    "capitals and a final dot": ("https://WWW.Paper.Example./f", "paper.example"),
    "an international name": ("https://www.bücher.example/f", "xn--bcher-kva.example"),
    "a public suffix alone": ("https://co.uk/", "co.uk"),
    "an address stands alone, with its port": ("http://10.1.2.3:1200/a", "10.1.2.3:1200"),
    "an IPv6 address": ("https://[2001:db8::1]/a", "[2001:db8::1]:443"),
    "a name of the intranet": ("http://wiki/a", "wiki:80"),
    "a name of a home network": ("http://rss.home.arpa/a", "rss.home.arpa:80"),
    "this machine": ("http://localhost:8899/a", "localhost:8899"),
}


@pytest.mark.parametrize(("url", "group"), GROUPS.values(), ids=GROUPS.keys())
def test_who_shares_a_budget(url: str, group: str) -> None:
    assert group_of(url) == group
    assert is_shared(group) is (":" not in group)


def _crowd(count: int, host: str = "part{n}.crowd.example") -> tuple[Source, ...]:
    return tuple(source(f"s{n}", url=f"http://{host.format(n=n)}/{n}") for n in range(count))


def _due(engine: Engine, after: timedelta = timedelta(0), spacing_s: float = 0) -> list[str]:
    with writing(engine) as connection:
        budget = Budget(per_host=2, spacing_s=spacing_s)
        return [claim.slug for claim in claim_due(connection, NOW + after, budget, limit=100, seconds=60)]


def test_two_polls_of_one_site_at_a_time_whatever_the_sub_domain(engine: Engine) -> None:
    apply(engine, Configuration(sources=(*_crowd(5), source("lone"))))
    assert _due(engine) == ["s0", "s1", "lone"]


def test_polls_of_one_site_start_apart_whichever_worker_claims(engine: Engine) -> None:
    apply(engine, Configuration(sources=(*_crowd(3), source("lone"))))
    assert _due(engine, spacing_s=2) == ["s0", "lone"]
    assert _due(engine, SECOND, spacing_s=2) == []
    assert _due(engine, 2 * SECOND, spacing_s=2) == ["s1"]


def test_private_addresses_are_not_spaced(engine: Engine) -> None:
    apply(engine, Configuration(sources=_crowd(3, "10.0.0.7:1200")))
    assert _due(engine, spacing_s=60) == ["s0", "s1"]


def _refuse(engine: Engine, slug: str, retry_after_s: float | None, status: int = 429) -> None:
    claim = claim_one(engine, slug)
    hints = Hints(retry_after_s=retry_after_s)
    kind = FailureKind.RATE_LIMITED
    failure = Failed(kind=kind, reason="It answered 429.", status=status, hints=hints)
    until = NOW + timedelta(seconds=retry_after_s or 7200)
    result = poll(
        claim, kind="failed", failure=failure, hints=hints, info=None, validators=None,
        next_poll=NextPoll(until, "asked to wait", until),
    )  # fmt: skip
    store(engine, result)


def _all(engine: Engine, after: timedelta) -> list[str]:
    with writing(engine) as connection:
        claims = claim_sources(connection, None, NOW + after, seconds=60, respect_due=False)
    return [claim.slug for claim in claims]


REFUSALS = {
    "429 with Retry-After holds the site for that long": (3 * 3600.0, 3 * HOUR),
    "429 without one holds the rest of the site for an hour": (None, HOUR),
}


@pytest.mark.parametrize(("retry_after_s", "until"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_slows_the_site_and_nobody_else(
    engine: Engine, retry_after_s: float | None, until: timedelta
) -> None:
    apply(engine, Configuration(sources=(*_crowd(2), source("lone"))))
    _refuse(engine, "s0", retry_after_s)
    assert _due(engine, MINUTE) == ["lone"]
    assert _all(engine, until - SECOND) == ["lone"], "a person waits too"
    assert _due(engine, until) != []


def test_a_refusal_of_a_private_host_holds_only_the_source_that_met_it(engine: Engine) -> None:
    apply(engine, Configuration(sources=_crowd(2, "10.0.0.7:1200")))
    _refuse(engine, "s0", 3600)
    assert _due(engine, MINUTE) == ["s1"]


def test_the_next_poll_that_status_shows_knows_of_the_site_s_pause(engine: Engine) -> None:
    apply(engine, Configuration(sources=_crowd(2)))
    _refuse(engine, "s0", 3 * 3600)
    with reading(engine) as connection:
        state = find_source(connection, "s1")
    assert state is not None
    assert state.next_poll == NOW + 3 * HOUR
    assert "crowd.example" in state.next_why


def test_the_ledger_counts_what_a_site_was_asked(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.publish(Reply(429, (("Retry-After", "60"),)), host="busy.example")
    busy_source = Source(url="http://busy.example/feed", name="Busy")
    station.configure(paper(), busy_source)
    station.poll()
    station.poll(after=HOUR)
    station.poll("busy")
    station.configure(paper(), busy_source, Source(url="file:///lists/own.xml", name="Own"))
    with reading(station.engine) as connection:
        lines = {line.name: line for line in load_hosts(connection, station.at)}
    assert lines.keys() == {"paper.example", "busy.example"}, "a local file is nobody's site"
    quiet, busy = lines["paper.example"], lines["busy.example"]
    assert (quiet.sources, quiet.polls, quiet.requests, quiet.not_modified) == (1, 2, 2, 1)
    assert quiet.bytes == len(rss("a"))
    assert quiet.not_modified_share == 0.5
    assert (busy.waits, busy.refusals, busy.failures) == (1, 1, 1)
    assert busy.not_before == station.at + MINUTE


def test_redirects_and_second_tries_are_requests_too(station: Station) -> None:
    station.publish(Reply(302, (("Location", "/other"),)))
    station.publish([Reply(406), tagged(rss("a"))], path="/other")
    station.configure(paper())
    station.poll()
    with reading(station.engine) as connection:
        (line,) = load_hosts(connection, station.at)
    assert (line.polls, line.requests) == (1, len(station.origin.requests))
    assert line.requests == 4


def test_days_past_the_ledger_s_length_are_forgotten(engine: Engine) -> None:
    apply(engine, Configuration(sources=_crowd(1)))
    store(engine, poll(claim_one(engine, "s0"), validators=Validators()))
    with writing(engine) as connection:
        forget_old_days(connection, NOW + 30 * DAY)
        assert load_hosts(connection, NOW, days=60)[0].polls == 1
        forget_old_days(connection, NOW + 100 * DAY)
        assert load_hosts(connection, NOW, days=60)[0].polls == 0
