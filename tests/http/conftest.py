"""Fixtures of the guarded client's tests: a scripted origin and a client that asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from aggregator.http.answer import Answer
from aggregator.http.client import Client
from aggregator.model import FetchSettings

Ask = Callable[..., Answer]

#: loopback admitted, impatient
LOOPBACK = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=3)


@pytest.fixture
def ask() -> Ask:
    """A function that asks a URL with a fresh client: ``ask(url, settings=, **request arguments)``."""

    def ask_once(
        url: str, *, method: str = "GET", settings: FetchSettings = LOOPBACK, **arguments: Any
    ) -> Answer:
        async def run() -> Answer:
            async with Client(settings, user_agent="aggregator/test (+https://example.org/)") as client:
                return await client.request(method, url, **arguments)

        return asyncio.run(run())

    return ask_once
