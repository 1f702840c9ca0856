"""Polling beside a hub that pushes: a plan flows in, the same or a later one flows out.

A source whose subscription delivers is asked once a day, in case the hub fails without a word;
as often as planned again once a poll finds what should have been pushed, and at the end of the
lease at the latest. An interval that the operator wrote holds as written.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Claim, NextPoll

#: between two polls of a source that is pushed
SAFETY = timedelta(days=1)
WHY = "what is new is pushed; asked once a day to be safe"


def beside_push(claim: Claim, planned: NextPoll, now: datetime) -> NextPoll:
    """Return when to poll next after a poll that brought nothing that should have been pushed."""
    end = _end_of_pushes(claim, now)
    if end is None:
        return planned
    at = min(now + SAFETY, end)
    return planned if planned.at >= at else replace(planned, at=at, why=WHY)


def after_push(claim: Claim, now: datetime) -> NextPoll:
    """Return when to poll next after something was pushed: a day after the last poll, or as planned."""
    due = claim.due_at or now
    end = _end_of_pushes(claim, now)
    if end is None or claim.failures:
        return NextPoll(due, "", claim.not_before)
    at = min((claim.last_poll or now) + SAFETY, end)
    return NextPoll(max(due, at), WHY if at > due else "", claim.not_before)


def _end_of_pushes(claim: Claim, now: datetime) -> datetime | None:
    """Return until when we rely on a hub; None: on none."""
    end = claim.pushed_until
    return end if end is not None and end > now and claim.source.every_s is None else None
