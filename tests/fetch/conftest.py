"""Fixtures of the fetch tests: a scripted origin and polls of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aggregator.fetch import fetch
from aggregator.http.client import Client
from aggregator.http.shape import ORDINARY, RequestShape, user_agent
from aggregator.model import Claim, FetchSettings, Outcome, Site, Source, Validators

#: when the tests' polls happen
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOOPBACK = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=3)

#: a source that was never fetched
FRESH = Validators()

Poll = Callable[..., Outcome]


@pytest.fixture
def poll() -> Poll:
    """A function that polls a URL once: ``poll(url, validators, shape=, settings=)``."""

    def poll_once(
        url: str,
        validators: Validators = FRESH,
        *,
        shape: RequestShape = ORDINARY,
        settings: FetchSettings = LOOPBACK,
    ) -> Outcome:
        claim = Claim(
            source_id=1,
            slug="s",
            source=Source(url=url),
            token="t",
            until=NOW,
            url=url,
            validators=validators,
        )

        async def run() -> Outcome:
            site = Site(contact="ed@paper.example")
            async with Client(settings, user_agent=user_agent(settings, site)) as client:
                return await fetch(client, claim, NOW, shape=shape)

        return asyncio.run(run())

    return poll_once
