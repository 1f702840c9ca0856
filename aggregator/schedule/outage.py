"""Outages of our own network: who could be reached and who not flows in, "it is us" flows out.

When nobody answers any more, the cable is out, not a hundred publishers at once. Such failures
count against nobody. Sites that are down look different: others still answer, then or soon. Who
was in trouble already says nothing about the network, and neither does who waited for it and
stays away while others answer again: those get the back-off of a site that is down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.model import Claim, Failed, FailureKind, NextPoll, Outcome
from aggregator.schedule.spread import fraction
from aggregator.schedule.words import in_words

#: so many different sites must be out of reach …
SITES = 3
#: … within this time, and nobody may have answered since the first of them
WINDOW = timedelta(minutes=2)
#: those who are being asked meanwhile have so long to answer before we believe it
PATIENCE = timedelta(seconds=10)
SHORTEST_S, LONGEST_S = 300.0, 3600.0
#: a source that never answered waits so long: somebody sits before a new paper that is empty
NEW_S = 120.0
REASON = "Nobody can be reached: our own network seems to be down. This counts against no source."

_UNREACHED = frozenset({FailureKind.DNS, FailureKind.CONNECT, FailureKind.TIMEOUT})
#: ended before anything was sent, or by our own mistake: they say nothing about the network
_SILENT = frozenset({FailureKind.REFUSED, FailureKind.INTERNAL, FailureKind.OFFLINE})


@dataclass(frozen=True, slots=True)
class Reach:
    """Who can be reached, by the polls so far."""

    #: who went out of reach since the last answer: (site, when), oldest first, each site once, at most SITES
    unreached: tuple[tuple[str, datetime], ...] = ()
    #: it must be our own network
    is_down: bool = False
    #: None: nobody yet
    answered_at: datetime | None = None


def note(reach: Reach, claim: Claim, outcome: Outcome, at: datetime, *, is_last: bool) -> Reach:
    """Return what is known after one more poll ended at *at*.

    Args:
        is_last: nobody else is being asked now.
    """
    if is_answer(outcome):
        return Reach(answered_at=at)
    unreached = tuple(one for one in reach.unreached if at - one[1] <= WINDOW)
    if is_unreached(outcome) and _is_news(reach, claim, at) and len(unreached) < SITES:
        unreached = (*(one for one in unreached if one[0] != claim.group), (claim.group, at))
    is_sure = is_last or bool(unreached and at - unreached[0][1] >= PATIENCE)
    # once it is known to be us, only an answer ends it
    is_down = reach.is_down or (is_sure and len(unreached) >= SITES)
    return replace(reach, unreached=unreached, is_down=is_down)


def _is_news(reach: Reach, claim: Claim, at: datetime) -> bool:
    """Tell whether a site that is out of reach was not so before, for all that we know."""
    was_answered = reach.answered_at is not None and at - reach.answered_at <= WINDOW
    return claim.failures == 0 and not (claim.is_offline and was_answered)


def is_answer(outcome: Outcome) -> bool:
    """Tell whether somebody was there; who took a connection and then let us wait may have been cut off."""
    return not (isinstance(outcome, Failed) and outcome.kind in _UNREACHED | _SILENT)


def is_unreached(outcome: Outcome) -> bool:
    """Tell whether a poll ended before anybody was there; who takes a connection is there."""
    return isinstance(outcome, Failed) and outcome.kind in _UNREACHED and not outcome.is_reached


def plan_after_outage(claim: Claim, now: datetime) -> NextPoll:
    """Return when to try again: soon, and the less often the longer the source has been out of reach."""
    wait = NEW_S
    if claim.last_success:
        away = (now - claim.last_success).total_seconds()
        wait = min(max(away / 10, SHORTEST_S), LONGEST_S)
    wait *= 1 + 0.2 * fraction(claim.slug)
    return NextPoll(
        now + timedelta(seconds=wait), f"our own network seems to be down: trying in {in_words(wait)}"
    )
