"""Calls at our callbacks that no hub should make."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from aggregator.model import Configuration, PushOffer, Site
from aggregator.store.engine import reading, writing
from aggregator.store.push.subscriptions import note_offers, plan_subscriptions
from aggregator.store.tables import sources, subscriptions
from aggregator.web.app import create_app
from tests.store.making import NOW, apply, source

TOPIC = "https://herald.example/self"


@pytest.mark.parametrize("challenge", [{}, {"hub.challenge": ""}])
def test_a_verification_without_a_challenge_confirms_nothing(
    engine: Engine, challenge: dict[str, str]
) -> None:
    apply(engine, Configuration(site=Site(), sources=(source("Herald"),)))
    with writing(engine) as connection:
        offer = PushOffer(TOPIC, ("https://hub.example/",))
        note_offers(connection, {connection.scalars(select(sources.c.id)).one(): offer})
        plan_subscriptions(connection, NOW, lambda _: True)
        callback = connection.scalars(select(subscriptions.c.callback)).one()
    said = {"hub.mode": "subscribe", "hub.topic": TOPIC, **challenge}
    answer = create_app(engine).test_client().get(f"/websub/{callback}", query_string=said)
    with reading(engine) as connection:
        state = connection.scalars(select(subscriptions.c.state)).one()
    assert (answer.status_code, state) == (404, "asking")
