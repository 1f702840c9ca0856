"""The three sentences of the product, and the only place that strings the stages together.

poll_source   ask a source and read what it sends       (network and CPU; writes nothing)
take_in       admit, place and keep a batch of polls    (one short transaction)
publish_feed  read a feed's articles and write them out (reads only)
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aggregator.curate.gate import admit
from aggregator.curate.topics import Rules, compile_rules, place
from aggregator.curate.unchanged import known_again, listed_entries, next_trace
from aggregator.deliver.links import find_offer
from aggregator.editions import PLAIN, Looks, archived_edition, live_edition
from aggregator.errors import NotAFeed, ParseError
from aggregator.fetch.conditional import fetch
from aggregator.http.client import Client
from aggregator.model import (
    Admission,
    Archive,
    ArticleState,
    Claim,
    Configuration,
    Failed,
    FeedHead,
    Fetched,
    Gone,
    Hints,
    Known,
    NotModified,
    Outcome,
    ParsedFeed,
    PollResult,
    Reading,
    Rendered,
    Site,
    Validators,
)
from aggregator.model.offer import PushOffer
from aggregator.model.push import Delivery
from aggregator.parse.failures import failure_kind, unreadable
from aggregator.parse.prefilter import dump_trace
from aggregator.parse.sandbox import Sandbox
from aggregator.publish.render import render
from aggregator.schedule.plan import learn_rhythm, plan_next
from aggregator.schedule.pushed import after_push, beside_push
from aggregator.store.articles import Saved, known, save
from aggregator.store.configurations import keep_in_force
from aggregator.store.engine import Connection, Engine, writing


@dataclass(frozen=True, slots=True)
class Polled:
    """One finished poll, not yet taken in."""

    claim: Claim
    #: when the request ended
    at: datetime
    #: a Fetched has given up its body by now
    outcome: Outcome
    #: None unless a new body was read
    parsed: ParsedFeed | None = None
    body_hash: str | None = None
    #: where the feed is, when the asked address was a page that leads to it
    found_at: str | None = None
    #: what in the inbox this was; None: a poll
    push_id: int | None = None


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
    outcome = await fetch(client, claim, now)
    if not isinstance(outcome, Fetched):
        return Polled(claim, now, outcome)
    body_hash = hashlib.blake2b(outcome.body, digest_size=16).hexdigest()
    slim = replace(outcome, body=b"")
    if body_hash == claim.body_hash:
        return Polled(claim, now, slim, body_hash=body_hash)
    try:
        reading = sandbox.parse(outcome.body, outcome.url, outcome.headers, _reading_of(claim, now))
        parsed = await asyncio.wrap_future(reading)
    except ParseError as error:
        failed = unreadable(error, outcome)
        best = error.best if isinstance(error, NotAFeed) and claim.source.kind == "feed" else None
        return _Page(best, failed) if best else Polled(claim, now, failed)
    return Polled(claim, now, slim, parsed, body_hash)


async def read_push(delivery: Delivery, sandbox: Sandbox, now: datetime) -> Polled:
    """Read what a hub pushed, as if a poll had brought it; what cannot be read is a Failed."""
    headers = {"content-type": delivery.content_type}
    answer = Fetched(
        url=delivery.topic, status=200, headers=headers, body=b"", validators=delivery.claim.validators
    )
    try:
        # what is pushed may be a part of the document: fewer entries than usual say nothing
        how = replace(_reading_of(delivery.claim, now), usual=None, trace=None)
        reading = sandbox.parse(delivery.body, delivery.topic, headers, how)
        parsed = await asyncio.wrap_future(reading)
    except ParseError as error:
        failed = Failed(kind=failure_kind(error), reason=str(error))
        return Polled(delivery.claim, now, failed, push_id=delivery.id)
    return Polled(delivery.claim, now, answer, parsed, push_id=delivery.id)


def take_in(engine: Engine, batch: Sequence[Polled], expected: RulesInForce, now: datetime) -> Saved:
    """Admit, place and keep what a batch of polls brought, in one transaction.

    A poll whose claim was lost to another worker meanwhile is left out.

    Args:
        expected: the rules believed in force; the ones really in force are used.
    """
    with writing(engine) as connection:
        applied = keep_in_force(connection, expected.digest)
        rules = compile_rules(applied.configuration) if applied else expected.rules
        stored = known(connection, {p.claim.source_id: listed_entries(p.parsed) for p in batch if p.parsed})
        return save(connection, [_decide(p, stored.get(p.claim.source_id), rules, now) for p in batch])


def publish_feed(
    connection: Connection,
    head: FeedHead,
    site: Site,
    form: str,
    looks: Looks = PLAIN,
    archive: Archive | None = None,
) -> Rendered:
    """Write one feed as *form* ("atom", "rss" or "json"): its live document, or an archive of it."""
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


def _decide(polled: Polled, known: Known | None, rules: Rules, now: datetime) -> PollResult:
    result = _decide_poll(polled, known, rules, now)
    if polled.push_id is None:
        return result
    # a push says nothing of the server we poll, and need not hold all that the feed holds
    return PollResult(
        claim=polled.claim,
        at=polled.at,
        kind="push",
        next_poll=after_push(polled.claim, now),
        rhythm=result.rhythm,
        placed=result.placed,
        seen_ids=result.seen_ids,
        push_id=polled.push_id,
    )


def _decide_poll(polled: Polled, known: Known | None, rules: Rules, now: datetime) -> PollResult:
    match polled.outcome:
        case Fetched() | NotModified() as answer:
            return _decide_answer(polled, answer, known, rules, now)
        case Gone() as gone:
            return PollResult(
                claim=polled.claim,
                at=polled.at,
                kind="gone",
                next_poll=plan_next(polled.claim, gone, now),
                requests=gone.requests,
                wire_bytes=gone.wire_bytes,
            )
        case Failed() as failed:
            return PollResult(
                claim=polled.claim,
                at=polled.at,
                kind="failed",
                next_poll=plan_next(polled.claim, failed, now),
                failure=failed,
                hints=failed.hints,
                requests=failed.requests,
                wire_bytes=failed.wire_bytes,
            )


def _decide_answer(
    polled: Polled, answer: Fetched | NotModified, known: Known | None, rules: Rules, now: datetime
) -> PollResult:
    claim, parsed = polled.claim, polled.parsed
    hints = _both(answer.hints, parsed.info.hints if parsed else None)
    same = PollResult(
        claim=claim,
        at=polled.at,
        kind="not-modified" if isinstance(answer, NotModified) else "same",
        next_poll=beside_push(claim, plan_next(claim, replace(answer, hints=hints), now), now),
        validators=answer.validators,
        body_hash=polled.body_hash,
        hints=hints,
        moved_to=answer.moved_to,
        requests=answer.requests,
        wire_bytes=answer.wire_bytes,
        found_at=polled.found_at,
    )
    if parsed is None or known is None:
        return same
    listed, entries = listed_entries(parsed), known_again(parsed, known)
    admitted = admit(entries, known, claim.source, now)
    rhythm = learn_rhythm(claim, admitted.admissions, now, _overlaps(parsed, known))
    new_url = parsed.info.new_url if parsed.info.new_url != claim.url else None
    planned = plan_next(replace(claim, rhythm=rhythm), replace(answer, hints=hints), now)
    is_late = any(one.article_id is None and one.state is ArticleState.OUT for one in admitted.admissions)
    return replace(
        same,
        kind="new",
        moved_to=answer.moved_to or new_url,
        is_moved_by_document=answer.moved_to is None and new_url is not None,
        next_poll=planned if is_late else beside_push(claim, planned, now),
        info=parsed.info,
        rhythm=rhythm,
        placed=place(admitted.admissions, rules, claim.source, claim.slug),
        seen_ids=admitted.seen_ids,
        entry_count=len(listed),
        offer=_offer(answer, parsed),
        **_remembered(polled, known, admitted.admissions, is_whole=len(entries) == len(listed)),
    )


def _remembered(
    polled: Polled, known: Known, admissions: Sequence[Admission], *, is_whole: bool
) -> dict[str, Any]:
    """Return by what the next poll spares reading; nothing, where an unread entry is not stored."""
    if not is_whole:
        return {"validators": Validators(), "body_hash": "none", "trace": b""}
    trace = next_trace(polled.parsed, known, admissions) if polled.parsed else None
    return {"trace": dump_trace(trace) if trace else b""}


def _overlaps(parsed: ParsedFeed, known: Known) -> bool | None:
    """Tell whether the document has anything of the one before; None where that cannot be known.

    Without an overlap entries may have come and gone between two polls.
    """
    if known.is_first_import or not known.recent:
        return None if not (known.articles or parsed.unchanged) else True
    return bool(known.articles or parsed.unchanged or known.tombstones)


def _offer(answer: Fetched | NotModified, parsed: ParsedFeed) -> PushOffer | None:
    return find_offer(answer.headers, parsed.info, answer.url) if isinstance(answer, Fetched) else None


def _both(answer: Hints, document: Hints | None) -> Hints:
    """Join what the headers and the document wish; they speak of different things."""
    if document is None:
        return answer
    return replace(document, fresh_s=answer.fresh_s, retry_after_s=answer.retry_after_s)
