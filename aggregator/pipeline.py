"""The three sentences of the product, and the only place that strings the stages together.

poll_source   ask a source and read what it sends       (network and CPU; writes nothing)
take_in       admit, place and keep a batch of polls    (one short transaction)
publish_feed  read a feed's articles and write them out (reads only)
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.curate.topics import Rules, compile_rules
from aggregator.curate.unchanged import asked_entries, asked_hash
from aggregator.decision import Polled, decide, is_complete, is_telling
from aggregator.editions import PLAIN, Looks, archived_edition, live_edition
from aggregator.errors import NotAFeed, ParseError, ParseKilled
from aggregator.fetch.conditional import fetch
from aggregator.model import (
    Archive,
    Claim,
    Configuration,
    Failed,
    FeedHead,
    Fetched,
    ParsedFeed,
    Reading,
    Rendered,
    Site,
    Validators,
)
from aggregator.model.push import Delivery
from aggregator.parse.failures import failure_kind, unreadable
from aggregator.review import review_polled
from aggregator.schedule.cadence import Limits
from aggregator.store.articles.knowing import load_known
from aggregator.store.articles.saving import Saved, save
from aggregator.store.configurations import keep_in_force
from aggregator.store.engine import Connection, Engine, writing
from aggregator.telling import Teller

if TYPE_CHECKING:  # a command that polls nothing starts without an HTTP client and without processes
    from aggregator.http.client import Client
    from aggregator.parse.sandbox import Sandbox

__all__ = [
    "Polled",
    "RulesInForce",
    "poll_source",
    "publish_feed",
    "read_push",
    "rules_in_force",
    "take_in",
]


#: seconds; longer than a document can be held, wait and be read in the sandbox, shorter than a claim holds
LONGEST_READING_S = 160.0


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules of the applied configuration, which its digest tells from any other."""

    digest: str
    rules: Rules


def rules_in_force(digest: str, configuration: Configuration) -> RulesInForce:
    """Compile the rules of an applied configuration."""
    return RulesInForce(digest, compile_rules(configuration))


async def poll_source(claim: Claim, client: Client, sandbox: Sandbox, now: datetime) -> Polled:
    """Ask one source and read its answer.

    Every failure is a value: a document that cannot be read becomes a Failed, and
    its validators are forgotten, so that the next poll gets the body again.
    """
    polled = await _ask(claim, client, sandbox, now)
    if isinstance(polled, Polled):
        return polled
    # the page that answered leads to one feed that stands out: that is what was meant
    place = replace(claim, url=polled.best, validators=Validators(), body_hash=None)
    followed = await _ask(place, client, sandbox, now)
    if isinstance(followed, Polled) and followed.parsed is not None:
        return replace(followed, claim=claim, found_at=polled.best)
    return Polled(claim, now, polled.failed)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page where a feed should be, and the feed it leads to."""

    best: str
    failed: Failed


async def _ask(claim: Claim, client: Client, sandbox: Sandbox, now: datetime) -> Polled | _Page:
    with client.room.share():  # a large body counts until it was read
        return await _ask_and_read(claim, client, sandbox, now)


async def _ask_and_read(claim: Claim, client: Client, sandbox: Sandbox, now: datetime) -> Polled | _Page:
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
        failed = unreadable(error, outcome)
        best = error.best if isinstance(error, NotAFeed) and claim.source.kind == "feed" else None
        return _Page(best, failed) if best else Polled(claim, now, failed)
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


def take_in(
    engine: Engine,
    batch: Sequence[Polled],
    expected: RulesInForce,
    now: datetime,
    limits: Limits | None = None,
    teller: Teller | None = None,
) -> Saved:
    """Admit, place and keep what a batch of polls brought and tell its stories, in one transaction.

    A poll whose claim was lost to another worker meanwhile is left out.

    Args:
        expected: the rules believed in force; the ones really in force are used.
        limits: bounds of the polls that we choose ourselves; None: the default.
        teller: what this process remembers of the stories; None: read them for this batch.
    """
    with (teller or Teller()).or_forget() as telling, writing(engine) as connection:
        applied = keep_in_force(connection, expected.digest)
        rules = compile_rules(applied.configuration) if applied else expected.rules
        wanted = {p.claim.source_id: asked_entries(p.parsed) for p in batch if p.parsed}
        unread = {p.claim.source_id: p.parsed.unchanged for p in batch if p.parsed}
        complete = {p.claim.source_id for p in batch if is_complete(p)}
        holding = {p.claim.source_id: asked_hash(p.parsed) for p in batch if p.parsed}
        stored = load_known(connection, wanted, unread=unread, complete=complete, holding=holding, now=now)
        decided = [decide(p, stored.get(p.claim.source_id), rules, now, limits) for p in batch]
        saved = save(connection, decided)
        telling.tell(connection, saved.arrived)
        review_polled(connection, {p.claim.source_id for p in batch if is_telling(p)}, now)
        return saved


def publish_feed(
    connection: Connection,
    head: FeedHead,
    site: Site,
    form: str,
    looks: Looks = PLAIN,
    archive: Archive | None = None,
) -> Rendered:
    """Write one feed as *form* ("atom", "rss" or "json"): its live document, or an archive of it."""
    from aggregator.publish.render import render  # what polls does not carry what writes

    if archive is not None:
        return render(archived_edition(connection, head, site, looks, archive), form)
    return render(live_edition(connection, head, site, looks), form)


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
