"""What webhooks are told, where it is long: an address is never cut."""

from __future__ import annotations

import orjson
import pytest

from aggregator.model.outgoing import Webhook
from aggregator.publish.calls import render_call
from tests.publish.editions import SITE, item


@pytest.mark.parametrize("chars", [40, 900, 5000])
def test_discord_gets_a_whole_address_whatever_the_title(chars):
    link = f"https://herald.example/{'a' * chars}"
    webhook = Webhook(slug="ops", feed="front-page", url="https://discord.example/x", shape="discord")
    told = orjson.loads(render_call(webhook, item(1, title="Tide " * 400, link=link), SITE))["content"]
    assert told.startswith("**Tide Tide")
    assert told.splitlines()[-1] in (link, "https://gazette.example/articles/1")
    assert len(told) <= 2000
