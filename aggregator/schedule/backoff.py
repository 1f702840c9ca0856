"""Back-off: a count of failures flows in, how long to wait flows out.

The wait doubles with every failure in a row, from the source's own interval up to a day, so that a
site in trouble is left alone and a site that came back is found within the day. It never ends for
good: only 410 does that, and it is no failure.
"""

from __future__ import annotations

from aggregator.schedule.spread import fraction

LONGEST_S = 86400.0
#: the share of the wait by which sources that failed together are drawn apart
JITTER = 0.1
#: doubling further changes nothing: 2^20 seconds are twelve days
_MOST_DOUBLINGS = 20


def wait_s(failures: int, every_s: float, seed: str) -> float:
    """Return the seconds to wait after *failures* in a row (at least 1).

    2^failures x *every_s*, up or down by at most a tenth, at most a day; a source that is asked
    less than once a day anyway waits its own interval.
    """
    longest = max(LONGEST_S, every_s)
    raw = every_s * 2.0 ** min(failures, _MOST_DOUBLINGS)
    jitter = JITTER * (2 * fraction(f"{seed}/{failures}") - 1)
    return max(min(raw * (1 + jitter), longest * (1 - abs(jitter))), min(every_s, longest))
