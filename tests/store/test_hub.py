"""The hub's rows, on both engines: who is due when, shared by workers, through failures and leases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from aggregator.model import Configuration, Feed, Site
from aggregator.model.push import Dispatch, HubRequest
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.push import hub, hub_requests
from aggregator.store.push.pushview import count_pushes
from aggregator.store.tables import hub_subscriptions
from tests.store.making import NOW, apply, arrive, entry, source

CONFIGURATION = Configuration(
    site=Site(), sources=(source("Herald"),), feeds=(Feed(slug="all", title="All"),)
)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def paper(engine: Engine) -> Engine:
    """A store with one source and one feed."""
    apply(engine, CONFIGURATION)
    return engine


def request(engine: Engine, callback: str, **fields: object) -> HubRequest:
    with reading(engine) as connection:
        head = find_feed(connection, "feed", "all")
    assert head is not None
    values = {"mode": "subscribe", "topic": "https://us.example/feeds/all.atom", "suffix": "atom"}
    return HubRequest(callback=callback, feed_id=head.id, **{**values, "lease_s": 3600, **fields})


def subscribe(engine: Engine, *callbacks: str, now: datetime = NOW, **fields: object) -> None:
    with writing(engine) as connection:
        for callback in callbacks:
            assert hub_requests.add_request(connection, request(engine, callback, **fields), now)
        for claimed in hub_requests.claim_requests(connection, now, limit=100_000, seconds=60):
            hub_requests.confirm(connection, claimed, now)


def change(engine: Engine, key: str) -> None:
    arrive(engine, "herald", entry(key), feeds=["all"])


def claim(engine: Engine, now: datetime = NOW, **limits: object) -> tuple[Dispatch, ...]:
    terms = {"limit": 100, "per_host": 100, "seconds": 60, "is_slow": False, **limits}
    with writing(engine) as connection:
        hub.mark_changed(connection, now)
        return hub.claim_dispatches(connection, now, **terms)


def test_nothing_is_due_before_something_changes(paper: Engine) -> None:
    subscribe(paper, "https://a.example/")
    assert claim(paper) == ()
    with reading(paper) as connection:
        assert not hub.is_anything_due(connection, NOW)
    change(paper, "one")
    with reading(paper) as connection:
        assert hub.is_anything_due(connection, NOW)
    assert [one.callback for one in claim(paper)] == ["https://a.example/"]


def test_two_workers_never_claim_the_same_delivery(paper: Engine) -> None:
    subscribe(paper, *(f"https://{n}.example/" for n in range(10)))
    change(paper, "one")
    first, second = claim(paper, limit=6), claim(paper, limit=6)
    assert (len(first), len(second)) == (6, 4)
    assert not {one.id for one in first} & {one.id for one in second}


def test_a_crash_frees_its_deliveries_when_the_claim_ends(paper: Engine) -> None:
    subscribe(paper, "https://a.example/")
    change(paper, "one")
    assert len(claim(paper)) == 1
    assert claim(paper) == ()
    assert len(claim(paper, NOW + 2 * MINUTE)) == 1


def test_what_changes_while_a_delivery_is_under_way_is_delivered_next(paper: Engine) -> None:
    subscribe(paper, "https://a.example/")
    change(paper, "one")
    (under_way,) = claim(paper)
    change(paper, "two")
    assert claim(paper) == ()
    with writing(paper) as connection:
        hub.settle(connection, under_way, NOW, is_slow=False)
    (following,) = claim(paper)
    assert following.version != under_way.version
    with writing(paper) as connection:
        hub.settle(connection, following, NOW, is_slow=False)
    assert claim(paper) == ()


def test_a_lost_claim_writes_nothing(paper: Engine) -> None:
    subscribe(paper, "https://a.example/")
    change(paper, "one")
    (lost,) = claim(paper)
    (mine,) = claim(paper, NOW + 2 * MINUTE)
    with writing(paper) as connection:
        hub.drop(connection, lost)
        hub.fail(connection, lost, "late", NOW)
    with writing(paper) as connection:
        hub.settle(connection, mine, NOW, is_slow=False)
    with reading(paper) as connection:
        assert connection.execute(select(hub_subscriptions.c.failures)).scalars().all() == [0]


def test_a_failing_subscriber_is_tried_less_and_less_and_another_change_hurries_nothing(
    paper: Engine,
) -> None:
    subscribe(paper, "https://a.example/")
    change(paper, "one")
    now, waits = NOW, []
    (one,) = claim(paper, now)
    for key in ("two", "three", "four"):
        with writing(paper) as connection:
            hub.fail(connection, one, "no answer", now)
        change(paper, key)
        failed_at = now
        while not (claimed := claim(paper, now, is_slow=True)):
            now += timedelta(seconds=5)
        (one,) = claimed
        waits.append((now - failed_at).total_seconds())
    assert waits == [10, 30, 90]
    with writing(paper) as connection:
        hub.fail(connection, one, "too many of you", now, wait_s=600)
    assert claim(paper, now + timedelta(seconds=599), is_slow=True) == ()
    assert len(claim(paper, now + timedelta(seconds=600), is_slow=True)) == 1


def test_after_many_failures_only_a_change_is_tried(paper: Engine) -> None:
    subscribe(paper, "https://a.example/", lease_s=30 * 86_400)
    change(paper, "one")
    now = NOW
    (one,) = claim(paper, now)
    for _ in range(hub.MOST_FAILURES - 1):
        with writing(paper) as connection:
            hub.fail(connection, one, "no answer", now)
        now += timedelta(hours=1)
        (one,) = claim(paper, now, is_slow=True)
    with writing(paper) as connection:
        hub.fail(connection, one, "no answer", now)
    now += timedelta(days=1)
    assert claim(paper, now, is_slow=True) == ()
    change(paper, "two")
    assert len(claim(paper, now, is_slow=True)) == 1


def test_slow_subscribers_have_a_lane_of_their_own(paper: Engine) -> None:
    subscribe(paper, "https://slow.example/", "https://ready.example/")
    change(paper, "one")
    for one in claim(paper):
        with writing(paper) as connection:
            hub.settle(connection, one, NOW, is_slow="slow" in one.callback)
    change(paper, "two")
    assert [one.callback for one in claim(paper)] == ["https://ready.example/"]
    assert [one.callback for one in claim(paper, is_slow=True)] == ["https://slow.example/"]


def test_one_host_does_not_get_all_deliveries_at_once(paper: Engine) -> None:
    subscribe(paper, *(f"https://big.example/{n}" for n in range(8)), "https://small.example/")
    change(paper, "one")
    first = claim(paper, per_host=3)
    assert sum("big" in one.callback for one in first) == 3
    assert sum("small" in one.callback for one in first) == 1
    assert claim(paper, per_host=3) == ()


def test_a_lease_ends(paper: Engine) -> None:
    subscribe(paper, "https://a.example/", lease_s=3600)
    change(paper, "one")
    later = NOW + timedelta(seconds=3601)
    assert claim(paper, later) == ()
    with writing(paper) as connection:
        assert count_pushes(connection, NOW).subscribers == 1
        assert count_pushes(connection, later).subscribers == 0
        assert hub.expire_subscribers(connection, later) == 1


def test_a_renewed_lease_goes_on_and_what_is_due_stays_due(paper: Engine) -> None:
    subscribe(paper, "https://a.example/", lease_s=3600)
    change(paper, "one")
    (under_way,) = claim(paper)
    subscribe(paper, "https://a.example/", lease_s=3600, now=NOW + timedelta(minutes=50), secret="new")
    with writing(paper) as connection:
        hub.release_dispatches(connection, [under_way])
    (again,) = claim(paper, NOW + timedelta(minutes=70))
    assert (again.id, again.secret) == (under_way.id, "new")


def test_a_callback_that_cannot_be_reached_is_asked_three_times(paper: Engine) -> None:
    now, tries = NOW, 0
    with writing(paper) as connection:
        assert hub_requests.add_request(connection, request(paper, "https://a.example/"), now)
    for _ in range(10):
        with writing(paper) as connection:
            for claimed in hub_requests.claim_requests(connection, now, limit=5, seconds=60):
                tries += 1
                hub_requests.postpone(connection, claimed, now)
        now += MINUTE
    assert tries == 3


def test_a_later_wish_takes_the_place_of_one_that_is_being_asked(paper: Engine) -> None:
    with writing(paper) as connection:
        hub_requests.add_request(connection, request(paper, "https://a.example/", secret="first"), NOW)
        (first,) = hub_requests.claim_requests(connection, NOW, limit=5, seconds=60)
        hub_requests.add_request(connection, request(paper, "https://a.example/", secret="second"), NOW)
        hub_requests.confirm(connection, first, NOW)
        assert count_pushes(connection, NOW).subscribers == 0
        (second,) = hub_requests.claim_requests(connection, NOW, limit=5, seconds=60)
        hub_requests.confirm(connection, second, NOW)
        assert connection.scalar(select(hub_subscriptions.c.secret)) == "second"


def test_one_host_cannot_fill_the_waiting_list(paper: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_requests, "MOST_WAITING_OF_HOST", 3)
    with writing(paper) as connection:
        kept = [
            hub_requests.add_request(connection, request(paper, f"https://loud.example/{n}"), NOW)
            for n in range(5)
        ]
        assert kept == [True, True, True, False, False]
        assert hub_requests.add_request(connection, request(paper, "https://quiet.example/"), NOW)


@pytest.mark.parametrize(
    "callback",
    [
        "https://n{}.loud.example/",
        "https://loud.co.uk:{}/",
        "http://192.0.9.9:{}/",
        "https://loud.example.:{}/",
        "http://[2001:41d0:1:2::{}]/",
        "http://[v1.future:x]:{}/",
    ],
)
def test_no_more_do_the_names_of_one_domain_or_the_ports_of_one_machine(
    paper: Engine, monkeypatch: pytest.MonkeyPatch, callback: str
) -> None:
    monkeypatch.setattr(hub_requests, "MOST_WAITING_OF_HOST", 3)
    monkeypatch.setattr(hub_requests, "MOST_OF_HOST", 2)
    asked = [callback.format(1000 + number) for number in range(6)]
    with writing(paper) as connection:
        kept = [hub_requests.add_request(connection, request(paper, one), NOW) for one in asked]
    assert kept == [True, True, True, False, False, False]
    subscribe(paper, *asked[:2])
    with writing(paper) as connection:
        assert not hub_requests.add_request(connection, request(paper, asked[5]), NOW)
        assert hub_requests.add_request(connection, request(paper, "https://quiet.example/"), NOW)


def test_one_host_cannot_hold_subscriptions_without_end(
    paper: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_requests, "MOST_OF_HOST", 2)
    subscribe(paper, "https://loud.example/1", "https://loud.example/2")
    with writing(paper) as connection:
        add = hub_requests.add_request
        assert not add(connection, request(paper, "https://loud.example/3"), NOW)
        assert add(connection, request(paper, "https://loud.example/1"), NOW)
        assert add(connection, request(paper, "https://loud.example/2", mode="unsubscribe"), NOW)
        assert add(connection, request(paper, "https://quiet.example/"), NOW)


def test_subscribers_of_a_feed_that_ends_are_told(paper: Engine) -> None:
    subscribe(paper, "https://a.example/")
    apply(paper, Configuration(site=Site(), sources=(source("Herald"),)))
    with writing(paper) as connection:
        assert hub_requests.deny_ended(connection, NOW) == 1
        assert count_pushes(connection, NOW).subscribers == 0
        (told,) = hub_requests.claim_requests(connection, NOW, limit=5, seconds=60)
    assert (told.mode, told.callback) == ("denied", "https://a.example/")


def test_a_hub_of_somebody_else_is_told_of_changes_from_then_on(paper: Engine) -> None:
    topics = {("feed", "all", "atom"): "https://us.example/feeds/all.atom"}
    change(paper, "before")
    with writing(paper) as connection:
        hub.name_hub(connection, "https://hub.example/", topics)
    assert claim(paper) == ()
    change(paper, "after")
    (ping,) = claim(paper)
    assert (ping.is_ping, ping.callback, ping.topic) == (True, "https://hub.example/", *topics.values())
    with writing(paper) as connection:
        hub.settle(connection, ping, NOW, is_slow=False)
        hub.name_hub(connection, None, {})
    change(paper, "last")
    assert claim(paper) == ()
