"""A source's own request settings, end to end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aggregator.fetch import fetch
from aggregator.fetch.shape import shape_of
from aggregator.http.client import Client
from aggregator.http.shape import ORDINARY
from aggregator.model import Claim, Failed, FailureKind, Fetched, NotModified, Outcome, Source, Validators
from tests.fetch.conftest import LOOPBACK, NOW
from tests.origin import Origin, Reply, document, redirect


def claim_of(source: Source, url: str | None = None, validators: Validators | None = None) -> Claim:
    """A claim of *source*, asked at *url* if it moved."""
    return Claim(
        source_id=1,
        slug="s",
        source=source,
        token="t",
        until=NOW,
        url=url or source.url,
        validators=validators or Validators(),
    )


def poll(claim: Claim) -> Outcome:
    """Fetch with the source's own settings."""

    async def run() -> Outcome:
        async with Client(LOOPBACK, user_agent="aggregator/test (+https://paper.example)") as client:
            return await fetch(client, claim, NOW)

    return asyncio.run(run())


def test_an_ordinary_source_has_the_ordinary_shape() -> None:
    assert shape_of(claim_of(Source(url="https://a.example/feed"))) == ORDINARY


def test_headers_credentials_and_agent_of_a_source_are_sent(origin: Origin) -> None:
    source = Source(
        url=origin.on("/feed", document(b"<rss/>", etag='"1"')),
        headers=(("X-Edition", "uk"), ("Accept-Language", "en")),
        auth="ann:pw",
        user_agent="Reader/2 (+https://paper.example)",
    )
    first = poll(claim_of(source))
    assert isinstance(first, Fetched)
    seen = origin.requests[0]
    assert seen.header("X-Edition") == "uk"
    assert seen.header("Accept-Language") == "en"
    assert seen.header("Authorization") == "Basic YW5uOnB3"
    assert seen.header("User-Agent") == "Reader/2 (+https://paper.example)"
    assert isinstance(poll(claim_of(source, validators=first.validators)), NotModified)
    changed = replace(source, auth="ann:new")
    assert isinstance(poll(claim_of(changed, validators=first.validators)), Fetched)


def test_a_source_that_moved_to_another_origin_is_asked_there_without_its_secrets(origin: Origin) -> None:
    with Origin() as other:
        source = Source(
            url=origin.on("/feed", redirect(other.url("/feed"), 301)), auth="ann:pw", headers=(("X-K", "k"),)
        )
        moved = other.on("/feed", Reply(body=b"<rss/>"))
        poll(claim_of(source))
        poll(claim_of(source, url=moved))
        assert origin.requests[0].header("Authorization")
        assert len(other.requests) == 2
        for seen in other.requests:
            assert seen.header("Authorization") is None
            assert seen.header("X-K") is None


def test_a_move_within_the_origin_keeps_its_credentials(origin: Origin) -> None:
    source = Source(url=origin.url("/old"), auth="ann:pw")
    poll(claim_of(source, url=origin.on("/new", Reply(body=b"<rss/>"))))
    assert origin.requests[0].header("Authorization") == "Basic YW5uOnB3"


def test_a_source_s_timeout_is_its_own(origin: Origin) -> None:
    source = Source(url=origin.on("/feed", Reply(is_held=True)), timeout_s=0.2)
    outcome = poll(claim_of(source))
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.TIMEOUT
    assert "0.2 s" in outcome.reason


def test_secrets_do_not_show_in_a_source_s_text() -> None:
    source = Source(
        url="https://a.example/",
        auth="ann:topsecret",
        headers=(("X", "topsecret"),),
        proxy="http://a:topsecret@b/",
    )
    assert "topsecret" not in repr(source)
