"""Our subscriptions' rows, on both engines: asked, verified, renewed, denied, proven and doubted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select

from aggregator.model import Configuration, NextPoll, PushOffer
from aggregator.model.push import Subscription
from aggregator.store.engine import reading, writing
from aggregator.store.push import subscriptions as store
from aggregator.store.push.inbox import claim_deliveries, find_subscription, is_mail_waiting, keep_delivery
from aggregator.store.push.pushview import view_pushes
from aggregator.store.rows import write_rows
from aggregator.store.sources.claims import release
from aggregator.store.sources.states import find_source
from aggregator.store.tables import subscriptions
from tests.store.making import HOUR, NOW, apply, claim_one, entry, placed, poll, source
from tests.store.making import admission as admit
from tests.store.making import store as save

HUB = "https://hub.example/"
TOPIC = "https://herald.example/self"
OFFER = PushOffer(TOPIC, (HUB, "https://second.example/"))
DAY_S = 86_400


@pytest.fixture
def paper(engine: Engine) -> Engine:
    """A store with one source whose publisher offers a hub."""
    apply(engine, Configuration(sources=(source("Herald"),)))
    save(engine, poll(claim_one(engine, "herald"), offer=OFFER))
    return engine


def due(engine: Engine, now: datetime = NOW) -> tuple[Subscription, ...]:
    with writing(engine) as connection:
        store.plan_subscriptions(connection, now, lambda _hub: True)
        return store.claim_subscriptions(connection, now, limit=10, seconds=60)


def note(engine: Engine, what: object, subscription: Subscription, *more: object) -> None:
    with writing(engine) as connection:
        what(connection, subscription, *more)  # type: ignore[operator]


def verify(engine: Engine, callback: str, now: datetime = NOW, **changed: object) -> bool:
    said = {"mode": "subscribe", "topic": TOPIC, "lease_s": DAY_S, **changed}
    with writing(engine) as connection:
        return store.note_verified(connection, callback, now=now, **said)  # type: ignore[arg-type]


def live(engine: Engine, now: datetime = NOW) -> Subscription:
    """Subscribe, as far as a verified lease."""
    (asked,) = due(engine, now)
    note(engine, store.note_asked, asked, now)
    assert verify(engine, asked.callback, now)
    return asked


def deliver(engine: Engine, callback: str, now: datetime = NOW) -> None:
    with writing(engine) as connection:
        subscription = find_subscription(connection, callback)
        assert subscription is not None
        assert keep_delivery(connection, subscription, b"<feed/>", "application/atom+xml", now)


def pushed_until(engine: Engine, now: datetime = NOW) -> datetime | None:
    claim = claim_one(engine, "herald", now)
    with writing(engine) as connection:
        release(connection, [claim])
    return claim.pushed_until


def next_poll(engine: Engine) -> datetime | None:
    with reading(engine) as connection:
        state = find_source(connection, "herald")
    assert state is not None
    return state.next_poll


def states(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return sorted(connection.scalars(select(subscriptions.c.state)))


def test_an_offer_begins_one_subscription(paper: Engine) -> None:
    assert [one.hub for one in due(paper)] == [HUB]
    save(paper, poll(claim_one(paper, "herald"), offer=OFFER))
    assert due(paper) == ()


def test_hubs_that_may_not_be_asked_are_not(paper: Engine) -> None:
    with writing(paper) as connection:
        assert store.plan_subscriptions(connection, NOW, lambda _hub: False) == 0
        store.plan_anew(connection)
        assert store.plan_subscriptions(connection, NOW, lambda hub: "second" in hub) == 1


def test_a_hub_that_refuses_is_asked_later_and_the_next_one_tried(paper: Engine) -> None:
    (asked,) = due(paper)
    note(paper, store.note_refused, asked, "500", NOW)
    assert due(paper, NOW + timedelta(minutes=4)) == ()
    (again,) = due(paper, NOW + timedelta(minutes=6))
    assert again.hub == "https://second.example/"
    with reading(paper) as connection:
        (line,) = view_pushes(connection, NOW).subscriptions
    assert line.reason == f"{asked.hub} before it: 500"
    note(paper, store.note_refused, again, "500", NOW)
    assert due(paper, NOW + timedelta(minutes=9)) == ()


def test_a_refusal_that_comes_after_the_verification_changes_nothing(paper: Engine) -> None:
    (asked,) = due(paper)
    assert verify(paper, asked.callback)
    note(paper, store.note_refused, asked, "broken off", NOW)
    assert states(paper) == ["live"]


def test_forged_verifications_lose_nothing_that_is_pending(paper: Engine) -> None:
    (asked,) = due(paper)
    assert not verify(paper, "guessed")
    assert not verify(paper, asked.callback, topic="https://other.example/")
    assert not verify(paper, asked.callback, mode="unsubscribe")
    assert not verify(paper, asked.callback, mode="publish")
    assert states(paper) == ["asking"]
    assert verify(paper, asked.callback)


def test_a_lease_is_renewed_in_time_under_another_callback(paper: Engine) -> None:
    first = live(paper)
    assert due(paper, NOW + 19 * HOUR) == ()
    (old,) = due(paper, NOW + 20 * HOUR)
    assert old.state == "live"
    note(paper, store.renew, old, NOW + 20 * HOUR)
    (new,) = due(paper, NOW + 20 * HOUR)
    assert (new.state, new.topic) == ("asking", first.topic)
    assert {new.callback, new.secret}.isdisjoint({first.callback, first.secret})
    # the old one serves until the new one is verified
    deliver(paper, first.callback)
    assert verify(paper, new.callback, NOW + 20 * HOUR)
    assert states(paper) == ["leaving", "live"]
    (farewell,) = due(paper, NOW + 20 * HOUR)
    assert (farewell.state, farewell.callback) == ("leaving", first.callback)
    assert verify(paper, first.callback, mode="unsubscribe")
    # a proven hub stays proven through its renewal
    assert pushed_until(paper, NOW + 20 * HOUR) == NOW + 44 * HOUR


def test_the_end_of_a_lease_makes_the_source_due(paper: Engine) -> None:
    live(paper)
    (old,) = due(paper, NOW + 20 * HOUR)
    note(paper, store.renew, old, NOW + 20 * HOUR)
    save(paper, poll(claim_one(paper, "herald"), next_poll=NextPoll(NOW + 48 * HOUR, "once a day")))
    end = NOW + 25 * HOUR
    with writing(paper) as connection:
        ended = store.claim_subscriptions(connection, end, limit=10, seconds=60)
        for one in ended:
            if one.state == "live":
                store.renew(connection, one, end)
    assert states(paper) == ["asking"]
    assert next_poll(paper) == end


def test_only_a_subscription_that_delivers_slows_polling(paper: Engine) -> None:
    subscription = live(paper)
    assert pushed_until(paper) is None
    deliver(paper, subscription.callback)
    assert pushed_until(paper) == NOW + timedelta(seconds=DAY_S)


def test_a_poll_that_finds_what_was_not_pushed_is_a_reason_for_doubt(paper: Engine) -> None:
    subscription = live(paper)
    deliver(paper, subscription.callback)
    claim = claim_one(paper, "herald")
    save(paper, poll(claim, placed(admit(claim, entry("missed")))))
    assert pushed_until(paper) is None
    deliver(paper, subscription.callback)
    assert pushed_until(paper) is not None


def test_a_denial_ends_a_live_subscription_and_polling_recovers_at_once(paper: Engine) -> None:
    subscription = live(paper)
    deliver(paper, subscription.callback)
    with writing(paper) as connection:
        assert not store.note_denied(connection, subscription.callback, "https://other.example/", "", NOW)
        assert store.note_denied(connection, subscription.callback, TOPIC, "no more", NOW)
    assert pushed_until(paper) is None
    assert next_poll(paper) == NOW
    assert due(paper, NOW + timedelta(days=6)) == ()
    (later,) = due(paper, NOW + timedelta(days=8))
    note(paper, store.ask_again, later, NOW + timedelta(days=8))
    (again,) = due(paper, NOW + timedelta(days=8))
    assert again.callback != subscription.callback


def test_the_hub_of_a_source_that_left_is_left(paper: Engine) -> None:
    live(paper)
    apply(paper, Configuration())
    with writing(paper) as connection:
        store.retire(connection, NOW, lambda _hub: True)
    (farewell,) = due(paper)
    now = NOW
    for _ in range(store.MOST_FAREWELLS + 1):
        note(paper, store.retry_leaving, farewell, now)
        now += HOUR
        farewell = next(iter(due(paper, now)), farewell)
    assert states(paper) == []


def test_another_topic_is_subscribed_and_the_old_one_left(paper: Engine) -> None:
    live(paper)
    moved = PushOffer("https://herald.example/new", (HUB,))
    save(paper, poll(claim_one(paper, "herald"), offer=moved))
    (asked,) = due(paper)
    assert asked.topic == moved.topic
    assert verify(paper, asked.callback, topic=moved.topic)
    assert states(paper) == ["leaving", "live"]


@pytest.mark.parametrize(
    "offer",
    [PushOffer("https://herald.example/new", OFFER.hubs), PushOffer(TOPIC, ("https://new.example/",))],
)
@pytest.mark.parametrize("is_denied", [True, False])
def test_what_is_offered_no_more_is_asked_for_no_more(
    paper: Engine, offer: PushOffer, is_denied: bool
) -> None:
    """Verified later, it would take the place of what is offered now."""
    (old,) = due(paper)
    if is_denied:
        with writing(paper) as connection:
            store.note_denied(connection, old.callback, TOPIC, "no", NOW)
    else:
        note(paper, store.note_refused, old, "500", NOW)
    save(paper, poll(claim_one(paper, "herald"), offer=offer))
    asked = due(paper, NOW + timedelta(days=8))
    assert [(one.topic, one.hub) for one in asked] == [(offer.topic, offer.hubs[0])]
    assert not verify(paper, old.callback)


def test_deliveries_of_one_source_are_taken_in_one_by_one_and_gone_once_saved(paper: Engine) -> None:
    subscription = live(paper)
    before = next_poll(paper)
    deliver(paper, subscription.callback)
    deliver(paper, subscription.callback)
    with writing(paper) as connection:
        (first,) = claim_deliveries(connection, NOW, limit=10, seconds=60)
        assert claim_deliveries(connection, NOW, limit=10, seconds=60) == ()
    result = poll(first.claim, placed(admit(first.claim, entry("pushed"))), kind="push", push_id=first.id)
    saved = save(paper, result)
    assert len(saved.new) == 1
    with writing(paper) as connection:
        (second,) = claim_deliveries(connection, NOW, limit=10, seconds=60)
        assert second.id > first.id
    # a push says nothing of the server that is polled
    assert second.claim.validators == first.claim.validators
    assert second.claim.last_poll == first.claim.last_poll
    assert before is not None


@pytest.mark.parametrize("callback", ["\0", "a\0b", "\ud800", "x" * 9000])
def test_a_name_that_no_callback_of_ours_has_is_nobody_s(paper: Engine, callback: str) -> None:
    live(paper)
    with writing(paper) as connection:
        assert find_subscription(connection, callback) is None
        assert not store.note_verified(connection, callback, "subscribe", TOPIC, None, NOW)


def test_the_inbox_is_bounded(paper: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.store.push.inbox.MOST_OF_SOURCE", 2)
    subscription = live(paper)
    deliver(paper, subscription.callback)
    deliver(paper, subscription.callback)
    with writing(paper) as connection:
        subscription = find_subscription(connection, subscription.callback)
        assert subscription is not None
        assert not keep_delivery(connection, subscription, b"x", "", NOW)


def test_what_came_for_a_source_that_left_is_removed(paper: Engine) -> None:
    subscription = live(paper)
    deliver(paper, subscription.callback)
    apply(paper, Configuration())
    with writing(paper) as connection:
        assert is_mail_waiting(connection)
        assert claim_deliveries(connection, NOW, limit=10, seconds=60) == ()
        assert not is_mail_waiting(connection)


def test_more_subscriptions_end_at_once_than_a_statement_takes_parameters(paper: Engine) -> None:
    live(paper)
    with writing(paper) as connection:
        row = connection.execute(select(subscriptions)).one()._asdict()
        more = [row | {"id": 10 + n, "callback": f"c{n}"} for n in range(66_000)]
        write_rows(connection, insert(subscriptions), more)
    with writing(paper) as connection:
        store.retire(connection, NOW, lambda _hub: False)
        states = select(subscriptions.c.state, func.count()).group_by(subscriptions.c.state)
        assert [tuple(one) for one in connection.execute(states)] == [("leaving", 66_001)]
