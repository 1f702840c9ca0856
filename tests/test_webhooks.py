"""Webhooks are told of each new entry once, signed, again after failures, through the guarded client."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.daemon.storethread import StoreThread
from aggregator.daemon.webhooks import Webhooks
from aggregator.http.client import Client
from aggregator.model import Configuration, Feed, FetchSettings, Site
from aggregator.model.outgoing import Webhook
from aggregator.pipeline.apply import settle
from aggregator.pipeline.telling import Teller
from aggregator.store.clock import plan_by
from aggregator.store.engine import reading, writing
from aggregator.store.tables import webhook_calls
from tests.hostile.server import Hostile, head
from tests.origin import Reply
from tests.store.making import apply, arrive, count, entry, source

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Desk:
    """A paper with one webhook, and its worker's clock."""

    def __init__(self, engine, url, *, allow=(), slug="desk", duplicates="keep", **settings):
        self.engine, self.now = engine, NOW
        self.fetch = FetchSettings(allow_private=allow)
        self.configuration = Configuration(
            site=Site(title="Gazette", url="https://gazette.example"),
            sources=(source("Harbour Herald"),),
            feeds=(Feed(slug="front-page", title="Front page", duplicates=duplicates),),
            webhooks=(Webhook(slug=slug, feed="front-page", url=url, **settings),),
        )
        apply(engine, self.configuration)
        self.tick()

    def tick(self):
        async def run():
            with StoreThread(self.engine) as store:
                async with Client(self.fetch, user_agent="test") as client:
                    await Webhooks(store, client, lambda: self.now).call_due(self.configuration)

        asyncio.run(run())

    def publish(self, *titles):
        made = [entry(title.replace(" ", "-"), title=title, published=self.now) for title in titles]
        saved = arrive(self.engine, "harbour-herald", *made, feeds=["front-page"], at=self.now)
        with writing(self.engine) as connection:
            Teller().tell(connection, saved.arrived)

    def waiting(self):
        with reading(self.engine) as connection:
            return count(connection, webhook_calls)


def allow(origin):
    return (f"127.0.0.1:{origin.port}",)


def test_each_new_entry_is_told_once_and_signed(engine, origin):
    url = origin.on("/hook", Reply(204))
    desk = Desk(engine, url, allow=allow(origin), secret="s3cret")
    desk.publish("High water", "Low bridge")
    desk.tick()
    desk.tick()
    assert [seen.method for seen in origin.requests] == ["POST", "POST"]
    told = [json.loads(seen.body) for seen in origin.requests]
    assert [one["title"] for one in told] == ["High water", "Low bridge"]
    assert told[0]["id"] == "tag:test,2026:High-water"
    assert told[0]["feed"] == "front-page"
    assert told[0]["page"].startswith("https://gazette.example/articles/")
    for seen in origin.requests:
        expected = hmac.new(b"s3cret", seen.body, hashlib.sha256).hexdigest()
        assert seen.header("X-Signature") == f"sha256={expected}"
    assert len({seen.header("X-Delivery") for seen in origin.requests}) == 2
    assert desk.waiting() == 0


@pytest.mark.parametrize(("duplicates", "told"), [("story", 1), ("text", 1), ("link", 2), ("keep", 2)])
def test_copies_are_told_as_the_feed_joins_them(engine, origin, duplicates, told):
    desk = Desk(engine, origin.on("/hook", Reply(204)), allow=allow(origin), duplicates=duplicates)
    for number in (1, 2):
        text = "<p>" + "Inspectors found hairline cracks in the iron hinge of Lambourne Bridge. " * 9 + "</p>"
        one = entry(f"r{number}", title="Lambourne Bridge shut after cracks", content=text, words=90)
        saved = arrive(desk.engine, "harbour-herald", one, feeds=["front-page"], at=desk.now)
        with writing(desk.engine) as connection:
            Teller().tell(connection, saved.arrived)
        desk.tick()
    assert len(origin.requests) == told
    desk.publish("High water")
    desk.tick()
    assert json.loads(origin.requests[-1].body)["title"] == "High water"


def test_what_was_there_before_the_webhook_is_not_told(engine, origin):
    Desk(engine, origin.on("/first", Reply(204)), allow=allow(origin)).publish("High water")
    late = Desk(engine, origin.on("/second", Reply(204)), allow=allow(origin), slug="second")
    late.publish("Low bridge")
    late.tick()
    told = [json.loads(seen.body)["title"] for seen in origin.requests if seen.path == "/second"]
    assert told == ["Low bridge"]


def test_what_a_changed_rule_brings_in_or_back_is_not_told(engine, origin):
    desk = Desk(engine, origin.on("/hook", Reply(204)), allow=allow(origin))
    desk.publish("High water", "Low bridge")
    desk.tick()
    asked = desk.configuration
    for query in ("nothing", "low", ""):
        desk.now += timedelta(hours=1)
        apply(engine, replace(asked, feeds=(replace(asked.feeds[0], query=query),)), desk.now)
        settle(engine, desk.now)
        desk.tick()
    desk.now += timedelta(hours=1)
    desk.publish("New quay")
    desk.tick()
    told = [json.loads(seen.body)["title"] for seen in origin.requests]
    assert told == ["High water", "Low bridge", "New quay"]


def test_what_came_while_nobody_looked_is_told_whatever_the_clock_says(engine, origin):
    desk = Desk(engine, origin.on("/hook", Reply(204)), allow=allow(origin))
    desk.publish("High water")
    desk.now += timedelta(days=9)
    desk.tick()
    desk.now -= timedelta(days=7)
    desk.publish("Low bridge")
    desk.tick()
    told = [json.loads(seen.body)["title"] for seen in origin.requests]
    assert told == ["High water", "Low bridge"]


def test_a_failed_call_is_made_again_later_and_later(engine, origin):
    answers = [Reply(500), Reply(503), Reply(200)]
    url = origin.on("/hook", lambda seen: answers.pop(0))
    desk = Desk(engine, url, allow=allow(origin))
    desk.publish("High water")
    desk.tick()
    desk.tick()
    assert len(origin.requests) == 1, "not at once"
    desk.now += timedelta(seconds=16)
    desk.tick()
    desk.now += timedelta(seconds=16)
    desk.tick()
    assert len(origin.requests) == 2, "the second wait is longer"
    desk.now += timedelta(seconds=60)
    desk.tick()
    assert len(origin.requests) == 3
    assert desk.waiting() == 0
    assert len({seen.header("X-Delivery") for seen in origin.requests}) == 1


WAITS = {
    "429 in seconds": (429, "3600", 3600),
    "503 by the server's own clock": (503, "Wed, 04 Mar 2026 13:00:00 GMT", 3600),
    "for a year": (429, "31536000", 2 * 86_400),
    "less than we wait anyway": (429, "1", 15),
    "in the past": (503, "-100", 15),
    "nonsense": (429, "soon", 15),
    "of an answer that is no wish": (500, "3600", 15),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_receiver_is_left_alone_for_as_long_as_it_wishes(engine, origin, name):
    status, wish, seconds = WAITS[name]
    fields = (("Date", "Wed, 04 Mar 2026 12:00:00 GMT"), ("Retry-After", wish))
    desk = Desk(engine, origin.on("/hook", Reply(status, fields)), allow=allow(origin))
    desk.publish("High water")
    desk.tick()
    desk.now = NOW + timedelta(seconds=seconds - 1)
    desk.tick()
    assert len(origin.requests) == 1
    desk.now = NOW + timedelta(seconds=seconds + 1)
    desk.tick()
    assert len(origin.requests) == 2


def test_a_receiver_that_wishes_to_be_left_alone_is_not_told_of_the_next_entry_either(engine, origin):
    url = origin.on("/hook", [Reply(429, (("Retry-After", "3600"),)), Reply(204)])
    desk = Desk(engine, url, allow=allow(origin))
    desk.publish("High water", "Low bridge")

    async def call_at(*seconds):
        with StoreThread(engine) as store:
            async with Client(desk.fetch, user_agent="test") as client:
                webhooks = Webhooks(store, client, lambda: desk.now)
                for later in seconds:
                    desk.now = NOW + timedelta(seconds=later)
                    await webhooks.call_due(desk.configuration)
                    yield len(origin.requests)

    async def counts():
        return [count async for count in call_at(0, 20, 3590, 3610)]

    assert asyncio.run(counts()) == [1, 1, 1, 3]


def test_a_wish_that_was_understood_by_a_clock_a_year_ahead_ends_with_that_clock(engine, origin):
    url = origin.on("/hook", [Reply(429, (("Retry-After", "3600"),)), Reply(204)])
    desk = Desk(engine, url, allow=allow(origin))
    desk.publish("High water")

    async def run():
        with StoreThread(engine) as store:
            async with Client(desk.fetch, user_agent="test") as client:
                webhooks = Webhooks(store, client, lambda: desk.now)
                desk.now = NOW + timedelta(days=365)
                await webhooks.call_due(desk.configuration)
                desk.now = NOW
                await store.write(plan_by, desk.now)
                await webhooks.call_due(desk.configuration)

    asyncio.run(run())
    assert len(origin.requests) == 2


def titles(origin):
    return [json.loads(seen.body)["title"] for seen in origin.requests]


def test_a_receiver_that_takes_no_call_is_not_called_for_what_waits_behind_it(engine, origin):
    desk = Desk(engine, origin.on("/hook", Reply(503)), allow=allow(origin))
    desk.publish("High water", "Low bridge", "Old mill")
    for wait_s in (0, 5, 5):
        desk.now += timedelta(seconds=wait_s)
        desk.tick()
    assert len(origin.requests) == 1


def test_the_order_of_arrival_holds_after_a_failure(engine, origin):
    answers = [Reply(500), Reply(204), Reply(204), Reply(204)]
    desk = Desk(engine, origin.on("/hook", lambda seen: answers.pop(0)), allow=allow(origin))
    desk.publish("High water", "Low bridge")
    desk.tick()
    desk.publish("Old mill")
    desk.now += timedelta(seconds=16)
    desk.tick()
    assert titles(origin) == ["High water", "High water", "Low bridge", "Old mill"]


def test_an_entry_that_the_receiver_never_takes_holds_up_the_others_for_an_hour_at_most(engine, origin):
    def answer(seen):
        return Reply(400 if b"High water" in seen.body else 204)

    desk = Desk(engine, origin.on("/hook", answer), allow=allow(origin))
    desk.publish("High water", "Low bridge", "Old mill")
    for _ in range(60):
        desk.tick()
        desk.now += timedelta(minutes=1)
    assert titles(origin)[-2:] == ["Low bridge", "Old mill"]
    assert titles(origin).count("High water") == 5
    assert desk.waiting() == 1


def test_a_slow_receiver_is_told_once_by_several_workers(engine):
    """Each of its calls takes ten seconds: what waits behind them for minutes is claimed by nobody else."""
    told = []

    def receive(line):
        told.append(line.head.lower().partition(b"x-delivery: ")[2].partition(b"\r")[0])
        desk.now += timedelta(seconds=10)
        if len(told) == 15:
            desk.tick()
        line.send(head("HTTP/1.1 204 No Content", "Connection: close"))

    with Hostile() as origin:
        desk = Desk(engine, origin.on("/hook", receive), allow=(origin.at,))
        desk.publish(*(f"High water {number}" for number in range(20)))
        desk.tick()
        while desk.waiting():
            desk.tick()
    assert len(told) == len(set(told)) == 20


def test_a_call_that_waits_for_its_turn_until_its_claim_ends_is_not_made(sqlite_engine, origin, monkeypatch):
    monkeypatch.setattr("aggregator.daemon.webhooks.CALL_S", 0.2)
    desk = Desk(sqlite_engine, origin.on("/hook", Reply(204)), allow=allow(origin))
    desk.fetch = replace(desk.fetch, per_host=1)
    desk.publish("High water")
    other = origin.on("/other", Reply(is_held=True))

    async def run():
        with StoreThread(sqlite_engine) as store:
            async with Client(desk.fetch, user_agent="test") as client:
                in_turn = asyncio.create_task(client.request("GET", other))
                await asyncio.to_thread(origin.wait_for, "/other")
                async with asyncio.timeout(10):
                    await Webhooks(store, client, lambda: desk.now).call_due(desk.configuration)
                origin.release()
                await in_turn

    asyncio.run(run())
    assert [seen.path for seen in origin.requests] == ["/other"]
    assert desk.waiting() == 1


def test_calls_of_a_webhook_that_is_gone_are_forgotten(engine, origin):
    desk = Desk(engine, origin.on("/hook", Reply(503)), allow=allow(origin))
    desk.publish("High water")
    desk.tick()
    other = replace(desk.configuration.webhooks[0], slug="other")
    desk.configuration = replace(desk.configuration, webhooks=(other,))
    desk.tick()
    assert desk.waiting() == 0


def test_a_call_is_given_up_in_the_end(engine, origin):
    url = origin.on("/hook", Reply(500))
    desk = Desk(engine, url, allow=allow(origin))
    desk.publish("High water")
    for _ in range(12):
        desk.tick()
        desk.now += timedelta(days=2)
    assert desk.waiting() == 0
    assert len(origin.requests) == 8


def test_a_private_address_is_never_called(engine, origin):
    desk = Desk(engine, origin.on("/hook", Reply(204)))
    desk.publish("High water")
    desk.tick()
    assert origin.requests == []
    assert desk.waiting() == 0


@pytest.mark.parametrize(
    ("shape", "path", "says"),
    [
        ("slack", "/hook", {"text": "<https://paper.example/T|Tide &amp; &lt;Time&gt;> (Harbour Herald)"}),
        ("discord", "/hook", {"content": "**Tide & <Time>** (Harbour Herald)\nhttps://paper.example/T",
                              "allowed_mentions": {"parse": []}}),
        ("ntfy", "/", {"topic": "hook", "title": "Tide & <Time>", "message": "Words about T",
                       "click": "https://paper.example/T"}),
    ],
)  # fmt: skip
def test_others_are_told_in_their_own_words(sqlite_engine, origin, shape, path, says):
    origin.on(path, Reply(200))
    desk = Desk(sqlite_engine, origin.url("/hook"), allow=allow(origin), shape=shape)
    arrive(
        sqlite_engine,
        "harbour-herald",
        entry("T", title="Tide & <Time>", published=NOW),
        feeds=["front-page"],
        at=NOW,
    )
    desk.tick()
    assert [(seen.path, json.loads(seen.body)) for seen in origin.requests] == [(path, says)]
