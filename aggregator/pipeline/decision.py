"""The decision: a finished poll and what is known of its source flow in, all that it writes flows out.

Values in, values out: the gate, the rules and the schedule are asked here, in that order, for one
poll; nothing is read or written. The pipeline calls it for every poll of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aggregator.curate.gate import admit
from aggregator.curate.topics import Rules, place
from aggregator.curate.unchanged import count_listed, is_all_known, kept_keys, next_trace, settled_hash
from aggregator.deliver.links import find_offer
from aggregator.model import (
    Admission,
    ArticleState,
    Claim,
    Failed,
    Fetched,
    Gone,
    Known,
    NextPoll,
    NotModified,
    Outcome,
    ParsedFeed,
    PollResult,
    PushOffer,
    Validators,
)
from aggregator.parse.prefilter import dump_trace
from aggregator.schedule.cadence import PRICE
from aggregator.schedule.plan import learn_rhythm, plan_next
from aggregator.schedule.pushed import after_push, beside_push


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
    #: bytes of the document that was read
    size: int = 0


def decide(
    polled: Polled, known: Known | None, rules: Rules, now: datetime, price: float = PRICE
) -> PollResult:
    """Return everything that a finished poll writes.

    Args:
        known: what is stored of the document's entries; None where no document was read.
        price: of a request, for polls that we choose ourselves (schedule/cadence.py).
    """
    result = _decide_poll(polled, known, rules, now, price)
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


def _decide_poll(
    polled: Polled, known: Known | None, rules: Rules, now: datetime, price: float
) -> PollResult:
    match polled.outcome:
        case Fetched() | NotModified() as answer:
            return _decide_answer(polled, answer, known, rules, now, price)
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
    polled: Polled,
    answer: Fetched | NotModified,
    known: Known | None,
    rules: Rules,
    now: datetime,
    price: float,
) -> PollResult:
    claim, parsed = polled.claim, polled.parsed
    answer = _with_wishes(answer, polled)
    if parsed is None or known is None:
        return _unchanged(polled, answer, plan_next(claim, answer, now, price), now)
    count = count_listed(parsed)
    # of an entry that is stored an older page may hold an older state
    older = (entry for entry in parsed.older if entry.key not in known.articles)
    admitted = admit((*parsed.entries, *older), known, claim.source, now, parsed.withdrawn)
    overlaps = _overlaps(polled, parsed, known, admitted.admissions)
    # what is pushed is seldom the whole document
    window = count if polled.push_id is None else None
    rhythm = learn_rhythm(claim, admitted.admissions, now, overlaps, window)
    new_url = parsed.info.new_url if parsed.info.new_url != claim.url else None
    planned = plan_next(replace(claim, rhythm=rhythm), answer, now, price)
    same = _unchanged(polled, answer, planned, now)
    is_late = any(one.article_id is None and one.state is ArticleState.OUT for one in admitted.admissions)
    return replace(
        same,
        kind="new",
        moved_to=answer.moved_to or new_url,
        is_moved_by_document=answer.moved_to is None and new_url is not None,
        next_poll=planned if is_late else same.next_poll,
        info=parsed.info,
        rhythm=rhythm,
        placed=tuple(place(one, rules, claim.source, claim.slug) for one in admitted.admissions),
        seen_ids=admitted.seen_ids,
        entry_count=count,
        offer=_offer(answer, parsed),
        **_remembered(claim, parsed, known, admitted.admissions),
    )


def _unchanged(polled: Polled, answer: Fetched | NotModified, planned: NextPoll, now: datetime) -> PollResult:
    """Return what a poll writes that brought nothing to read."""
    claim = polled.claim
    return PollResult(
        claim=claim,
        at=polled.at,
        kind="not-modified" if isinstance(answer, NotModified) else "same",
        next_poll=beside_push(claim, planned, now),
        validators=answer.validators,
        body_hash=polled.body_hash,
        hints=answer.hints,
        moved_to=answer.moved_to,
        requests=answer.requests,
        wire_bytes=answer.wire_bytes,
        found_at=polled.found_at,
    )


def _remembered(
    claim: Claim, parsed: ParsedFeed, known: Known, admissions: Sequence[Admission]
) -> dict[str, Any]:
    """Return by what the next poll spares reading; nothing, where an unread entry is not stored."""
    if not is_all_known(parsed, known):
        return {"validators": Validators(), "body_hash": "none", "trace": b"", "settled": ""}
    kept = kept_keys(parsed, known, admissions)
    trace = next_trace(parsed, kept)
    dumped = dump_trace(trace) if trace else b""
    return {
        "trace": None if dumped == claim.trace else dumped,
        "settled": None if known.is_settled else settled_hash(parsed, kept),
    }


def _overlaps(
    polled: Polled, parsed: ParsedFeed, known: Known, admissions: Sequence[Admission]
) -> bool | None:
    """Tell whether the document, or a page after it, has anything of the one before; None if unknown.

    Without an overlap entries may have come and gone between two polls. Articles under other
    keys are an overlap, too; not where the feed names further pages, for which gap.py, who knows keys
    alone, would ask again and again if it was told of no gap.
    """
    if polled.push_id is not None:
        return None  # what is pushed is a part of the document
    if known.is_settled:
        return True
    if known.is_first_import or not known.recent:
        return None if not (known.articles or parsed.unchanged) else True
    if known.articles or parsed.unchanged or known.tombstones:
        return True
    if parsed.warnings:
        return None  # what is known may stand in the part that was lost
    return parsed.older_url is None and any(one.article_id is not None for one in admissions)


def _offer(answer: Fetched | NotModified, parsed: ParsedFeed) -> PushOffer | None:
    return find_offer(answer.headers, parsed.info, answer.url) if isinstance(answer, Fetched) else None


def _with_wishes(answer: Fetched | NotModified, polled: Polled) -> Fetched | NotModified:
    """Return the answer with what its document wishes, too; one not read again wishes what it did."""
    if polled.parsed is None:
        wishes = polled.claim.hints
    else:
        wishes = replace(polled.parsed.info.hints, is_ended=polled.parsed.info.is_ended)
    said = answer.hints
    return replace(answer, hints=replace(wishes, fresh_s=said.fresh_s, retry_after_s=said.retry_after_s))


def is_complete(polled: Polled) -> bool:
    """Tell whether what the document lacks is no more (RFC 5005 §2).

    What is pushed is a part of it, a damaged document may have lost some, and an empty one is no word.
    """
    parsed = polled.parsed
    if parsed is None or polled.push_id is not None or parsed.warnings:
        return False
    return parsed.info.is_complete and bool(parsed.entries or parsed.unchanged)


def is_telling(polled: Polled) -> bool:
    """Tell whether the poll may have begun or ended a problem; most only say that all is well."""
    claim, outcome = polled.claim, polled.outcome
    if isinstance(outcome, Failed | Gone) or claim.failures:
        return True
    if outcome.moved_to is not None or polled.found_at is not None:
        return True
    # before the first document there is nothing that could have been lost, or moved away from
    return polled.parsed is not None and (claim.last_success is not None or claim.rhythm is not None)
