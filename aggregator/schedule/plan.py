"""The plan: a claim and the outcome of its poll flow in, the next poll and its reason flow out.

The order of authority: 410 ends polling; a server's Retry-After and freshness lifetime bind every
poll; an operator's ``every`` holds as written; without one we choose, and the document's own wishes
(ttl, skipHours, ...) lengthen what we chose. The clock is an argument and nothing is read or
written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aggregator.model import Admission, Claim, Failed, FailureKind, Gone, Hints, NextPoll, Outcome
from aggregator.model.fetched import Fetched, NotModified, Validators
from aggregator.schedule.backoff import wait_s as backoff_s
from aggregator.schedule.rhythm import dump_rhythm, learn, load_rhythm
from aggregator.schedule.spread import fraction
from aggregator.schedule.wishes import (
    Wish,
    after_skipped,
    bounded,
    document_wishes,
    has_document_wishes,
    server_wishes,
)
from aggregator.schedule.words import in_words

#: when a source that is gone is asked again
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
#: shortest time between two polls of our own choosing: a source that answers conditional requests
FLOOR_S = 3600.0
#: ... and one that sends the whole document every time
FLOOR_UNCONDITIONAL_S = 86400.0
#: ... and one whose publisher says it is stale sooner
FLOOR_FRESH_S = 300.0
#: sources first asked together are drawn apart by up to this, or their interval if that is shorter
SPREAD_S = 4 * 3600.0
#: later polls drift apart by up to this share of the interval
DRIFT = 0.02


def plan_next(claim: Claim, outcome: Outcome, now: datetime) -> NextPoll:
    """Return when to ask the source again, and why then.

    Args:
        claim: the source's state before this poll.
        outcome: its hints are the header fields' and, where a document was read, the document's;
            an answer without a document leaves the wishes kept with the claim in force.
        now: when the poll ended; every wait counts from here.
    """
    match outcome:
        case Gone(reason=reason):
            return NextPoll(NEVER, f"{reason}: not asked again")
        case Failed():
            return _after_failure(claim, outcome, now)
        case _:
            return _after_success(claim, outcome, now)


def learn_rhythm(claim: Claim, admissions: Sequence[Admission], now: datetime) -> str | None:
    """Return the source's rhythm with the new ones of *admissions* learnt; as it was if none is new."""
    new = [admission.entry.published for admission in admissions if admission.article_id is None]
    if not new:
        return claim.rhythm
    return dump_rhythm(learn(load_rhythm(claim.rhythm), new, now))


def floor_s(validators: Validators, fresh_s: float | None) -> float:
    """Return the shortest wait we may choose ourselves.

    An hour; a day where we cannot ask conditionally; less only where the publisher's own freshness
    lifetime is shorter, and never under five minutes. "No-cache" and a lifetime of zero speak of
    caches, not of polling, and lower nothing.
    """
    can_ask_conditionally = validators.etag is not None or validators.last_modified is not None
    floor = FLOOR_S if can_ask_conditionally else FLOOR_UNCONDITIONAL_S
    if said := bounded(fresh_s, floor):
        return max(said, FLOOR_FRESH_S)
    return floor


def _after_success(claim: Claim, outcome: Fetched | NotModified, now: datetime) -> NextPoll:
    """Wait for the longest of our interval and what the publisher wishes."""
    document = outcome.hints if has_document_wishes(outcome.hints) else claim.hints
    chosen = _chosen(claim, floor_s(outcome.validators, outcome.hints.fresh_s))
    wishes = [chosen, *server_wishes(outcome.hints)]
    if claim.source.every_s is None:
        wishes += document_wishes(document)
    wish = max(wishes, key=lambda wish: wish.wait_s)
    at = now + timedelta(seconds=wish.wait_s + _spread_s(claim, chosen.wait_s, now))
    why = wish.why
    if claim.source.every_s is None and (moved := after_skipped(at, document)) != at:
        at, why = moved, f"{why}, then the hours the feed asks us to skip (skipHours, skipDays)"
    return NextPoll(at, why, _not_before(outcome.hints, now))


def _after_failure(claim: Claim, failed: Failed, now: datetime) -> NextPoll:
    """Wait twice as long with each failure, or as long as the server says."""
    failures = claim.failures + 1
    every = claim.source.every_s or _failing_floor_s(claim)
    wait = backoff_s(failures, every, claim.slug)
    in_a_row = "1 failure" if failures == 1 else f"{failures} failures in a row"
    backoff = Wish(wait, f"{in_a_row}: waiting {in_words(wait)}")
    wish = max((backoff, *server_wishes(failed.hints)), key=lambda wish: wish.wait_s)
    at = now + timedelta(seconds=wish.wait_s)
    not_before = _not_before(failed.hints, now)
    if not_before is None and failed.kind is FailureKind.RATE_LIMITED:
        not_before = at
    return NextPoll(at, wish.why, not_before)


def _chosen(claim: Claim, floor: float) -> Wish:
    """Return the wait that the operator wrote, or ours."""
    every = claim.source.every_s
    if every is not None:
        return Wish(every, f"every {in_words(every)}")
    wait = max(FLOOR_S, floor)
    if floor > FLOOR_S:
        return Wish(wait, f"every {in_words(wait)}: the server sends neither ETag nor Last-Modified")
    return Wish(wait, f"every {in_words(wait)}")


def _failing_floor_s(claim: Claim) -> float:
    """Return the interval that failures double: a source that never answered is given the shorter one."""
    return FLOOR_S if claim.last_success is None else floor_s(claim.validators, None)


def _spread_s(claim: Claim, every: float, now: datetime) -> float:
    """Return the seconds added so that sources do not march in step.

    The first poll of every source happens at once, so the second is moved by the source's own
    place in the interval; afterwards a small drift keeps herds from forming again.
    """
    if claim.last_poll is None:
        return fraction(claim.slug) * min(every, SPREAD_S)
    return fraction(f"{claim.slug}/{now.isoformat()}") * every * DRIFT


def _not_before(hints: Hints, now: datetime) -> datetime | None:
    """Return the end of a Retry-After, which binds manual polls too; None if none was sent."""
    wishes = server_wishes(Hints(retry_after_s=hints.retry_after_s))
    return next((now + timedelta(seconds=wish.wait_s) for wish in wishes), None)
