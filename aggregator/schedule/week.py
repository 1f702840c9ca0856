"""The week: times flow in, one of its 672 quarter hours flows out, and the views that predict them.

A quarter of all entries claim one of the first three minutes of an hour. The quarter hours are
therefore cut three minutes late: what a scheduler publishes "at nine" lies at the end of its
quarter, and a poll at the cut finds it while it is fresh.

A *view* is one way to guess from past entries in which quarter hour of a week the next ones fall.
Some sources keep to the minute of the week (a podcast), some to the time of day (a paper), some to
nothing. Nobody has to say which: every view states what share of the entries it expects in each
quarter, Bayes' rule weighs the views by how well they foretold the source's own entries, and the
profile is their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate

QUARTER_S = 900
DAY_S = 86400
WEEK_S = 7 * DAY_S
QUARTERS = WEEK_S // QUARTER_S
PER_DAY = DAY_S // QUARTER_S
#: the cut between two quarters, after the full quarter hour
CUT_S = 180
#: Monday 5 January 1970, 00:03 UTC
_FIRST_CUT_S = 4 * DAY_S + CUT_S


def week_seconds(time: datetime) -> float:
    """Return the seconds since the week's first cut (Monday 00:03 UTC), within one week."""
    return (time.astimezone(UTC).timestamp() - _FIRST_CUT_S) % WEEK_S


def quarter_of(time: datetime) -> int:
    """Return the quarter of the week that holds *time*, from 0."""
    return int(week_seconds(time) // QUARTER_S)
