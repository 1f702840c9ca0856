"""WIP rhythm"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import exp, log

from aggregator.schedule.week import QUARTERS, quarter_of, PER_DAY, WEEK_S

TAU_S = 60 * 86400.0  # memory of the profile
TAU_FAST_S = 10 * 86400.0
PRIOR_N = 0.5
PRIOR_S = 5 * 86400.0
VIEWS = 6


@dataclass(frozen=True, slots=True)
class Rhythm:
    at: datetime | None = None
    since: datetime | None = None
    newest: datetime | None = None
    quarters: tuple[float, ...] = ()
    count: float = 0.0
    recent: float = 0.0
    odds: tuple[float, ...] = (0.0,) * VIEWS
    window: int = 0
    gaps: int = 0
    haste: float = 1.0
    shape: tuple[tuple[float, ...], tuple[float, ...]] | None = field(default=None, compare=False, repr=False)


# smoothing half width in quarters for the smooth views
WIDE = 6
HOURSHARE = (0.18, 0.22, 0.18, 0.42)  # slots ending at :18 :33 :48 :03
PRIOR_Q = 4.0


class _Views:
    """Normalised views of quarters"""

    def __init__(self, q):
        n = sum(q)
        self.n = n
        day = [0.0] * PER_DAY
        wd = [0.0] * 7
        for d in range(7):
            part = q[d * PER_DAY : (d + 1) * PER_DAY]
            day = [a + b for a, b in zip(day, part)]
            wd[d] = sum(part)
        self.q, self.day = q, day
        # factor within hour
        share = [0.0] * 4
        for k in range(PER_DAY):
            share[k % 4] += day[k]
        self.share = [4 * (share[i] + PRIOR_Q * HOURSHARE[i]) / (n + PRIOR_Q) for i in range(4)]
        self.wd = [7 * (x + 1.0) / (n + 7.0) for x in wd]
        self.cq = list(accumulate(q[-WIDE * 2 :] + q + q[: WIDE * 2], initial=0.0))
        self.cd = list(accumulate(day[-WIDE * 2 :] + day + day[: WIDE * 2], initial=0.0))

    def at(self, k):
        q, day, n = self.q, self.day, self.n + 1e-9
        share, wd = self.share[k % 4], self.wd[k // PER_DAY]
        h = k % PER_DAY
        W2 = WIDE * 2
        i = k + W2
        j = h + W2
        e = 1 / QUARTERS
        sw = (self.cq[i + 3] - self.cq[i - 2]) / 5
        ww = (self.cq[i + WIDE + 1] - self.cq[i - WIDE]) / (2 * WIDE + 1)
        sd = (self.cd[j + 3] - self.cd[j - 2]) / 5 / 7
        wwd = (self.cd[j + WIDE + 1] - self.cd[j - WIDE]) / (2 * WIDE + 1) / 7
        u = share * e
        f = 1 / (n + 1)
        g = 1 - f
        return (
            u * wd,
            g * q[k] / n + f * u,
            g * ww / n * share + f * u,
            g * day[h] / n / 7 * wd + f * u,
            g * sd / n * share * wd + f * u,
            g * wwd / n * share * wd + f * u,
        )


PRIOR_ODDS = (0.0, -1.0, 0.0, 0.0, 0.0, 0.0)
FORGET = 0.98


def learn(
    rhythm: Rhythm | None, published: Sequence[datetime | None], first_seen: datetime, overlaps=None
) -> Rhythm:
    rhythm = rhythm or Rhythm()
    times = sorted(min(t, first_seen) if t else first_seen for t in published)
    if not times:
        return rhythm
    first = rhythm.at is None
    q = list(rhythm.quarters) or [0.0] * QUARTERS
    at = rhythm.at or times[0]
    since = rhythm.since or times[0]
    count, recent = rhythm.count, rhythm.recent
    odds = list(rhythm.odds)
    if first and len(times) > 1:
        new = times[1:]
    else:
        new = times
    dt = (first_seen - at).total_seconds()
    f = exp(-dt / TAU_S) if not first else 0.0
    q = [x * f for x in q]
    count *= f
    recent *= exp(-dt / TAU_FAST_S) if not first else 0.0
    # score views
    if not first:
        score(odds, q, new)
    else:
        # sequential halves
        acc = [0.0] * QUARTERS
        half = len(new) // 2
        for t in new[:half]:
            acc[quarter_of(t)] += exp(-(first_seen - t).total_seconds() / TAU_S)
        score(odds, acc, new[half:])
    for t in new:
        age = max(0.0, (first_seen - t).total_seconds())
        q[quarter_of(t)] += exp(-age / TAU_S)
        count += exp(-age / TAU_S)
        recent += exp(-age / TAU_FAST_S)
    window = rhythm.window or len(times)
    gap = overlaps is False or (not first and len(times) >= window > 1)
    r = Rhythm(
        at=first_seen,
        since=since,
        newest=max(times[-1], rhythm.newest or times[-1]),
        quarters=tuple(q),
        count=count,
        recent=recent,
        odds=tuple(odds),
        window=window,
        gaps=rhythm.gaps + gap,
        haste=max(0.1, rhythm.haste * 0.6) if gap else min(1.0, rhythm.haste * 1.02),
    )
    return replace(r, shape=shape_of(r))


def score(odds, q, new):
    v = _Views(q)
    for t in new:
        p = v.at(quarter_of(t))
        for i in range(VIEWS):
            odds[i] = odds[i] * FORGET + log(p[i] * QUARTERS)
    m = max(odds)
    for i in range(VIEWS):
        odds[i] = max(odds[i] - m, -30.0)


def shape_of(r: Rhythm):
    v = _Views(list(r.quarters))
    w = [exp(o + b) for o, b in zip(r.odds, PRIOR_ODDS)]
    s = sum(w)
    w = [x / s for x in w]
    p = [sum(a * b for a, b in zip(w, v.at(k))) for k in range(QUARTERS)]
    s = sum(p)
    p = [x / s for x in p]
    share = v.share
    # posts of the quarter that ends at the cut come late in it
    mass = list(accumulate(p + p, initial=0.0))
    moment = list(accumulate((x * (k + CENTRE[k % 4]) for k, x in enumerate(p + p)), initial=0.0))
    return tuple(mass), tuple(moment)


CENTRE = (0.5, 0.5, 0.5, 0.75)


def rate(r: Rhythm, now: datetime) -> tuple[float, float]:
    """entries per second"""
    if r.at is None:
        return PRIOR_N / PRIOR_S
    dt = max(0.0, (now - r.at).total_seconds())
    span = max(0.0, (now - r.since).total_seconds())
    n1 = r.count * exp(-dt / TAU_S)
    e1 = TAU_S * (1 - exp(-span / TAU_S))
    n2 = r.recent * exp(-dt / TAU_FAST_S)
    e2 = TAU_FAST_S * (1 - exp(-span / TAU_FAST_S))
    slow = (n1 + PRIOR_N) / (e1 + PRIOR_S)
    # recent estimate with the slow one as prior
    K = 5.0
    return (n2 + K) / (e2 + K / slow)


def dump_rhythm(r: Rhythm) -> str:
    return json.dumps(
        {
            "at": _t(r.at),
            "since": _t(r.since),
            "newest": _t(r.newest),
            "quarters": {str(k): float(f"{x:.3g}") for k, x in enumerate(r.quarters) if x > 1e-4},
            "count": round(r.count, 4),
            "recent": round(r.recent, 4),
            "odds": [round(x, 2) for x in r.odds],
            "window": r.window,
            "gaps": r.gaps,
            "haste": round(r.haste, 3),
        },
        separators=(",", ":"),
    )


def _t(t: datetime | None) -> float | None:
    return t.timestamp() if t else None


def _u(x: float | None) -> datetime | None:
    return None if x is None else datetime.fromtimestamp(x, UTC)


def load_rhythm(text: str | None) -> Rhythm:
    if not text:
        return Rhythm()
    d = json.loads(text)
    quarters = [0.0] * QUARTERS
    for k, x in d["quarters"].items():
        quarters[int(k)] = x
    r = Rhythm(
        at=_u(d["at"]),
        since=_u(d["since"]),
        newest=_u(d["newest"]),
        quarters=tuple(quarters),
        count=d["count"],
        recent=d["recent"],
        odds=tuple(d["odds"]),
        window=d["window"],
        gaps=d["gaps"],
        haste=d["haste"],
    )
    return replace(r, shape=shape_of(r))
