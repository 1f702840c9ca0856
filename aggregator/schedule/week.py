"""The week: times flow in, one of its 672 quarter hours flows out.

A quarter of all entries claim one of the first three minutes of an hour. The quarter hours are
therefore cut three minutes late: what a scheduler publishes "at nine" lies at the end of its
quarter, and a poll at the cut finds it while it is fresh. Everything is UTC.
"""

from __future__ import annotations

from datetime import datetime

QUARTER_S = 900
DAY_S = 86400
WEEK_S = 7 * DAY_S
QUARTERS = WEEK_S // QUARTER_S
QUARTERS_A_DAY = DAY_S // QUARTER_S
#: how long after the full quarter hour the cut is
CUT_S = 180
#: the cut of Monday 5 January 1970, 00:03 UTC
_FIRST_CUT_S = 4 * DAY_S + CUT_S


def place_in_week(time: datetime) -> float:
    """Return how many quarters *time* is after the week's first cut, in [0, 672)."""
    return (time.timestamp() - _FIRST_CUT_S) % WEEK_S / QUARTER_S


def quarter_of(time: datetime) -> int:
    """Return the quarter of the week that holds *time*, from 0."""
    return int(place_in_week(time))
