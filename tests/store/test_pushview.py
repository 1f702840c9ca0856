"""Who pushes to us and to whom we push, as it is shown: counts, leases, renewals, and nobody's secrets."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import Engine

from aggregator.model import Configuration, Feed, PushOffer
from aggregator.model.push import HubRequest
from aggregator.pipeline.status import push_as_json
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.push import hub, hub_requests
from aggregator.store.push import subscriptions as ours
from aggregator.store.push.pushview import view_pushes
from tests.store.making import HOUR, NOW, apply, arrive, claim_one, entry, poll, source, store

TOPIC = "https://us.example/feeds/all.atom"
CALLBACK = "https://reader.example/known-to-nobody"


def subscribed(engine: Engine, *callbacks: str) -> None:
    with writing(engine) as connection:
        head = find_feed(connection, "feed", "all")
        assert head is not None
        for callback in callbacks:
            wish = HubRequest(
                mode="subscribe",
                callback=callback,
                topic=TOPIC,
                feed_id=head.id,
                suffix="atom",
                lease_s=3600,
                secret="never shown",
            )
            assert hub_requests.add_request(connection, wish, NOW)
        for one in hub_requests.claim_requests(connection, NOW, limit=10, seconds=60):
            hub_requests.confirm(connection, one, NOW)


def test_without_pushing_there_is_nothing_to_show(engine: Engine) -> None:
    with reading(engine) as connection:
        view = view_pushes(connection, NOW)
    assert (view.subscriptions, view.topics) == ((), ())
    assert view.counts.next_renewal is None
    assert view.counts.subscribers == view.counts.waiting == view.counts.failing == 0


def test_subscribers_are_counted_by_what_became_of_their_deliveries(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("Herald"),), feeds=(Feed(slug="all", title="All"),)))
    subscribed(engine, CALLBACK, "https://other.example/")
    arrive(engine, "herald", entry("one"), feeds=["all"])
    with writing(engine) as connection:
        hub.mark_changed(connection, NOW)
        first, second = hub.claim_dispatches(connection, NOW, limit=9, per_host=9, seconds=60, is_slow=False)
        hub.settle(connection, first, NOW, is_slow=False)
        hub.fail(connection, second, "it answered 503", NOW)
    with reading(engine) as connection:
        view = view_pushes(connection, NOW + timedelta(minutes=1))
        after_leases = view_pushes(connection, NOW + 2 * HOUR)
    (line,) = view.topics
    assert (line.topic, line.subscribers, line.failing, line.waiting) == (TOPIC, 2, 1, 1)
    assert (line.next_end, line.delivered_at, line.reason) == (NOW + HOUR, NOW, "it answered 503")
    assert view.counts.next_end == NOW + HOUR
    assert after_leases.counts.subscribers == 0
    shown = json.dumps(push_as_json(view))
    assert "never shown" not in shown
    assert CALLBACK not in shown


def test_our_subscriptions_are_shown_with_their_renewal(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("Herald"),)))
    offer = PushOffer("https://herald.example/self", ("https://hub.example/",))
    store(engine, poll(claim_one(engine, "herald"), offer=offer))
    with writing(engine) as connection:
        ours.plan_subscriptions(connection, NOW, lambda _hub: True)
        (asked,) = ours.claim_subscriptions(connection, NOW, limit=10, seconds=60)
        ours.note_asked(connection, asked, NOW)
    with writing(engine) as connection:
        assert view_pushes(connection, NOW).counts.subscriptions["asking"] == 1
        assert ours.note_verified(connection, asked.callback, "subscribe", offer.topic, 1000, NOW)
    with reading(engine) as connection:
        view = view_pushes(connection, NOW)
    (line,) = view.subscriptions
    assert (line.source, line.hub, line.state) == ("herald", "https://hub.example/", "live")
    assert view.counts.next_renewal == line.due_at == NOW + timedelta(seconds=800)
    assert asked.callback not in json.dumps(push_as_json(view))
