"""Outages of our own network: who could be reached and who not flows in, "it is us" flows out.

When nobody answers any more, the cable is out, not a hundred publishers at once. Such failures
count against nobody. One site that is down looks different: others still answer.
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
SHORTEST_S, LONGEST_S = 300.0, 3600.0
#: a source that never answered waits so long: somebody sits before a new paper that is empty
NEW_S = 120.0
REASON = "Nobody can be reached: our own network seems to be down. This counts against no source."

_UNREACHED = frozenset({FailureKind.DNS, FailureKind.CONNECT, FailureKind.TIMEOUT})
#: ended before anything was sent, or by our own mistake: they say nothing about the network
_SILENT = frozenset({FailureKind.REFUSED, FailureKind.INTERNAL, FailureKind.OFFLINE})


@dataclass(frozen=True, slots=True)
class Reach:
    """Who was out of reach since the last answer: (site, when), oldest first, each site once."""

    unreached: tuple[tuple[str, datetime], ...] = ()

    @property
    def is_down(self) -> bool:
        """Whether it must be our own network."""
        return len(self.unreached) >= SITES


def note(reach: Reach, site: str, outcome: Outcome, at: datetime) -> Reach:
    """Return what is known after one more poll of *site* ended at *at*."""
    if isinstance(outcome, Failed) and outcome.kind in _SILENT:
        return reach
    if not is_unreached(outcome):
        return Reach()
    others = tuple(one for one in reach.unreached if one[0] != site)
    if not reach.is_down:  # once it is known to be us, only an answer ends it
        others = tuple(one for one in others if at - one[1] <= WINDOW)
    return replace(reach, unreached=(*others[-SITES:], (site, at)))


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
