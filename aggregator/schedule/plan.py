"""The plan: a claim and the outcome of its poll flow in, the next poll and its reason flow out.

The order of authority: 410 ends polling; a server's Retry-After and freshness lifetime bind every
poll; an operator's ``every`` holds as written; without one we choose by the source's rhythm, an hour
until it is known, and the document's own wishes (ttl, skipHours, ...) lengthen what we chose. The
clock is an argument and nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aggregator.model import (
    Admission,
    ArticleState,
    Claim,
    Failed,
    FailureKind,
    Gone,
    Hints,
    NextPoll,
    Outcome,
)
from aggregator.model.fetched import Fetched, NotModified, Validators
from aggregator.schedule.backoff import wait_s as backoff_s
from aggregator.schedule.cadence import FLOOR_S, PRICE, best_wait_s
from aggregator.schedule.outage import NEW_S, is_unreached, plan_after_outage
from aggregator.schedule.rhythm import Rhythm, dump_rhythm, learn, load_rhythm
from aggregator.schedule.spread import fraction
from aggregator.schedule.week import QUARTER_S
from aggregator.schedule.wishes import (
    LONGEST_RETRY_AFTER_S,
    Wish,
    after_skipped,
    bounded,
    document_wishes,
    server_wishes,
)
from aggregator.schedule.words import in_words

#: when a source that is gone is asked again
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
#: the shortest wait of our own choosing, FLOOR_S, of a source that sends the whole document every time
FLOOR_UNCONDITIONAL_S = 86400.0
#: ... and one whose publisher says it is stale sooner
FLOOR_FRESH_S = 300.0
#: for so long a source whose first document has no dates is asked as one we know nothing of
UNDATED_S = 86400.0
#: sources first asked together are drawn apart by up to this, or their interval if that is shorter
SPREAD_S = 4 * 3600.0
#: sources polled by their rhythm would all come a few minutes after the full hour
SPREAD_RHYTHM_S = 480.0
#: later polls drift apart by up to this share of the interval
DRIFT = 0.02
_NO_VALIDATORS = ": the server sends neither ETag nor Last-Modified"


def plan_next(claim: Claim, outcome: Outcome, now: datetime, price: float = PRICE) -> NextPoll:
    """Return when to ask the source again, and why then.

    Args:
        claim: the source's state before this poll.
        outcome: its hints are the header fields' and the document's;
            an answer without a document carries those that were kept.
        now: when the poll ended; every wait counts from here.
        price: of a request, where we choose (cadence.py).
    """
    match outcome:
        case Gone(reason=reason):
            return NextPoll(NEVER, f"{reason}: not asked again")
        case Failed():
            return _after_failure(claim, outcome, now)
        case _:
            return _after_success(claim, outcome, now, price)


def learn_rhythm(
    claim: Claim,
    admissions: Sequence[Admission],
    now: datetime,
    overlaps: bool | None = None,
    window: int | None = None,
) -> str | None:
    """Return the source's rhythm with the new ones of *admissions* learnt; as it was if none is new.

    Copies that the gate recognised (silent ones, after the first document) are no news.

    Args:
        overlaps: whether the document also held entries known before; None if not known.
        window: entries in the whole document; None if not known.
    """
    is_first = claim.rhythm is None
    new = [
        admission.entry.published
        for admission in admissions
        if admission.article_id is None and (is_first or admission.state is not ArticleState.SILENT)
    ]
    if not new:
        return claim.rhythm
    return dump_rhythm(
        learn(
            load_rhythm(claim.rhythm), new, now, overlaps=overlaps, last_poll=claim.last_poll, window=window
        )
    )


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


def _after_success(claim: Claim, outcome: Fetched | NotModified, now: datetime, price: float) -> NextPoll:
    """Wait for the longest of our interval and what the publisher wishes."""
    hints = outcome.hints
    floor = floor_s(outcome.validators, hints.fresh_s)
    if claim.source.every_s is not None:
        return _as_written(claim, claim.source.every_s, hints, now)
    rhythm = load_rhythm(claim.rhythm)
    if not _is_known(rhythm, now):
        return _until_known(claim, floor, hints, now)
    return _by_rhythm(claim, rhythm, hints, floor, price, now)


def _is_known(rhythm: Rhythm, now: datetime) -> bool:
    """Tell whether the rhythm says anything; a first document without dates says nothing for a day."""
    if rhythm.newest is None and rhythm.since is not None:
        return (now - rhythm.since).total_seconds() > UNDATED_S
    return rhythm.learnt_at is not None


def _as_written(claim: Claim, every_s: float, hints: Hints, now: datetime) -> NextPoll:
    """Wait the operator's interval; only what the server says goes before it."""
    written = Wish(every_s, f"every {in_words(every_s)}")
    wish = _longest(written, *server_wishes(hints))
    at = now + timedelta(seconds=wish.wait_s + _spread_s(claim, every_s, now))
    return NextPoll(at, wish.why, _not_before(hints, now))


def _until_known(claim: Claim, floor: float, hints: Hints, now: datetime) -> NextPoll:
    """Wait an hour, or as long as a source without validators or with wishes needs."""
    wait = max(FLOOR_S, floor)
    ours = Wish(wait, f"every {in_words(wait)}{_NO_VALIDATORS if floor > FLOOR_S else ''}")
    wish = _longest(ours, *server_wishes(hints), *document_wishes(hints, now))
    at = now + timedelta(seconds=wish.wait_s + _spread_s(claim, wait, now))
    return _unskipped(at, wish.why, hints, now)


def _by_rhythm(
    claim: Claim, rhythm: Rhythm, hints: Hints, floor: float, price: float, now: datetime
) -> NextPoll:
    """Wait until new entries are worth a request; name the wish that ended the wait, if one did."""
    wishes = [*server_wishes(hints), *document_wishes(hints, now)]
    wait = best_wait_s(now, rhythm, max([floor, *(wish.wait_s for wish in wishes)]), floor, price)
    why = f"in {in_words(wait)}, by its rhythm ({_pace(rhythm.per_day(now))})"
    ours = Wish(max(floor, FLOOR_S), f"every {in_words(floor)}{_NO_VALIDATORS}" if floor > FLOOR_S else why)
    wish = _longest(ours, *wishes)
    if wish.wait_s > wait - QUARTER_S:
        why = wish.why
    # at the floor itself nothing is added: such a source loses entries
    spread = fraction(claim.slug) * SPREAD_RHYTHM_S if wait > floor else 0.0
    return _unskipped(now + timedelta(seconds=wait + spread), why, hints, now)


def _unskipped(at: datetime, why: str, hints: Hints, now: datetime) -> NextPoll:
    """Move a poll out of the hours that the document asks us to skip."""
    moved = after_skipped(at, hints)
    if moved != at:
        why = f"{why}, then the hours the feed asks us to skip (skipHours, skipDays)"
    return NextPoll(moved, why, _not_before(hints, now))


def _longest(*wishes: Wish) -> Wish:
    return max(wishes, key=lambda wish: wish.wait_s)


def _pace(per_day: float) -> str:
    """Return a rate as people say it: "about 12 a day", "about one in 9 d"."""
    if per_day >= 1:
        return f"about {per_day:.0f} a day"
    return f"about one in {1 / per_day:.0f} d"


def _after_failure(claim: Claim, failed: Failed, now: datetime) -> NextPoll:
    """Wait twice as long with each failure, or as long as the server says."""
    if failed.kind is FailureKind.OFFLINE:
        return plan_after_outage(claim, now)
    failures = claim.failures + 1
    every = claim.source.every_s or _failing_floor_s(claim, failed)
    wait = backoff_s(failures, every, claim.slug)
    in_a_row = "1 failure" if failures == 1 else f"{failures} failures in a row"
    backoff = Wish(wait, f"{in_a_row}: waiting {in_words(wait)}")
    wish = _longest(backoff, *server_wishes(failed.hints))
    at = now + timedelta(seconds=wish.wait_s)
    not_before = _not_before(failed.hints, now)
    if not_before is None and failed.kind is FailureKind.RATE_LIMITED:
        not_before = min(at, now + timedelta(seconds=LONGEST_RETRY_AFTER_S))
    return NextPoll(at, wish.why, not_before)


def _failing_floor_s(claim: Claim, failed: Failed) -> float:
    """Return the interval that failures double: a source that never answered is given a shorter one.

    Where nobody was there at all, it may be our own network, though too few sites say so: somebody sits
    before a new paper that is empty.
    """
    if claim.last_success is not None:
        return floor_s(claim.validators, None)
    return NEW_S if is_unreached(failed) else FLOOR_S


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
