"""poll_source: ask a source and read what it sends; or read what a hub pushed, as if a poll had brought it.

A claim flows in, a Polled flows out. Network and CPU: nothing is written here.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.errors import NotAFeed, ParseError, ParseKilled
from aggregator.fetch.conditional import fetch
from aggregator.model import (
    Claim,
    Failed,
    Fetched,
    ParsedFeed,
    Reading,
    Validators,
)
from aggregator.model.push import Delivery
from aggregator.parse.failures import failure_kind, unreadable
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.gap import fill_gap

if TYPE_CHECKING:  # a command that polls nothing starts without an HTTP client and without processes
    from aggregator.http.client import Client
    from aggregator.parse.sandbox import Sandbox

#: seconds; longer than a document can be held, wait and be read in the sandbox, shorter than a claim holds
LONGEST_READING_S = 160.0


async def poll_source(claim: Claim, client: Client, sandbox: Sandbox, now: datetime) -> Polled:
    """Ask one source and read its answer.

    Every failure is a value: a document that cannot be read becomes a Failed, and
    its validators are forgotten, so that the next poll gets the body again.
    """
    polled = await _ask(claim, client, sandbox, now)
    if polled.found_at is None:
        return await fill_gap(polled, lambda page: _ask(page, client, sandbox, now), client.spacing_s)
    if claim.body_hash is not None and not claim.is_trial:
        # a feed was read here: what stands in its place, and where that leads, is a person's to judge
        return replace(polled, found_at=None)
    # the page that answered leads to one feed that stands out: that is what was meant
    place = replace(claim, url=polled.found_at, validators=Validators(), body_hash=None)
    followed = await _ask(place, client, sandbox, now)
    if followed.parsed is None:
        return replace(polled, found_at=None)
    return replace(followed, claim=claim, found_at=polled.found_at)


async def _ask(claim: Claim, client: Client, sandbox: Sandbox, now: datetime) -> Polled:
    """Ask once; a page where a feed should be is a Failed, found_at the feed it leads to."""
    with client.room.share():  # a large body counts until it was read
        outcome = await fetch(client, claim, now)
        if not isinstance(outcome, Fetched):
            return Polled(claim, now, outcome)
        body_hash = hashlib.blake2b(outcome.body, digest_size=16).hexdigest()
        slim = replace(outcome, body=b"")
        if body_hash == claim.body_hash:
            return Polled(claim, now, slim, body_hash=body_hash)
        try:
            how = _reading_of(claim, now)
            parsed = await _read(sandbox, outcome.body, outcome.url, outcome.headers, how)
        except ParseError as error:
            best = error.best if isinstance(error, NotAFeed) and claim.source.kind == "feed" else None
            return Polled(claim, now, unreadable(error, outcome), found_at=best)
        return Polled(claim, now, slim, parsed, body_hash, size=len(outcome.body))


async def _read(
    sandbox: Sandbox, body: bytes, url: str, headers: Mapping[str, str], how: Reading
) -> ParsedFeed:
    try:
        async with asyncio.timeout(LONGEST_READING_S):
            return await asyncio.wrap_future(sandbox.parse(body, url, headers, how))
    except TimeoutError:
        raise ParseKilled("Reading the document never came to an end.") from None


async def read_push(delivery: Delivery, sandbox: Sandbox, now: datetime) -> Polled:
    """Read what a hub pushed, as if a poll had brought it; what cannot be read is a Failed."""
    headers = {"content-type": delivery.content_type}
    answer = Fetched(
        url=delivery.topic, status=200, headers=headers, body=b"", validators=delivery.claim.validators
    )
    try:
        # what is pushed may be a part of the document: fewer entries than usual say nothing
        how = replace(_reading_of(delivery.claim, now), usual=None, trace=None)
        parsed = await _read(sandbox, delivery.body, delivery.topic, headers, how)
    except ParseError as error:
        failed = Failed(kind=failure_kind(error), reason=str(error))
        return Polled(delivery.claim, now, failed, push_id=delivery.id)
    return Polled(delivery.claim, now, answer, parsed, push_id=delivery.id, size=len(delivery.body))


def _reading_of(claim: Claim, now: datetime) -> Reading:
    source = claim.source
    return Reading(
        kind=source.kind,
        items=source.items,
        fields=source.fields,
        usual=claim.entry_count,
        trace=claim.trace,
        now=now,
    )
