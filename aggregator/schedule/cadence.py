"""WIP cadence"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from aggregator.model import Hints
from aggregator.schedule.rhythm import Rhythm, learn, rate
from aggregator.schedule.week import PER_DAY, QUARTER_S, QUARTERS, WEEK_S, week_seconds


@dataclass(frozen=True, slots=True)
class Limits:
    floor_s: float = 3600.0
    longest_s: float = 86400.0
    dead_s: float = 7 * 86400.0
    price: float = 1.0


HORIZON = PER_DAY
DEAD_S = 90 * 86400
POWER = 0.5


def next_poll(now, rhythm, last_poll, hints, limits):
    last = last_poll or now
    r = rate(rhythm, now)
    longest = limits.longest_s
    earliest = max(limits.floor_s, (now - last).total_seconds())
    if rhythm.shape is None:
        wait = sqrt(2 * limits.price * 86400 / (r ** (1 - POWER) * 86400 ** (1 - POWER))) * 86400**0.5
        return last + timedelta(seconds=min(max(wait, earliest), longest))
    if (now - rhythm.newest).total_seconds() > DEAD_S:
        longest = limits.dead_s
    mass, moment = rhythm.shape
    start = week_seconds(last) / QUARTER_S
    k0 = int(start)
    # weight per entry
    perday = r * 86400
    w = perday**-POWER
    scale = w * r * WEEK_S / 96  # cost units: weight * entries * days
    n = r * WEEK_S
    price = limits.price
    lo = -(-(start + earliest / QUARTER_S) // 1)
    lo = int(lo) - k0
    step = 4 if perday < 0.3 else 1
    g = sqrt(2 * price * w * perday) / 96  # mean cost per quarter when polled optimally
    floor = max(1, round(limits.floor_s / QUARTER_S))
    j = plan(mass, moment, k0, start - k0, lo, HORIZON, floor, scale, price, g)
    wait = (k0 + j - start) * QUARTER_S
    # beyond the horizon
    if j >= HORIZON and longest > 86400:
        wait = min(longest, max(wait, sqrt(2 * price / (w * perday)) * 86400))
    cap = rhythm.haste * rhythm.window * 0.5
    if rhythm.window and n > 0:
        while j > lo and n * (mass[k0 + j] - mass[k0]) > cap:
            j -= 1
            wait = (k0 + j - start) * QUARTER_S
    return last + timedelta(seconds=min(max(wait, earliest), max(longest, earliest)))


def plan(mass, moment, k0, part, lo, horizon, floor, scale, price, g):
    L = mass[k0 : k0 + horizon + 1]
    M = [m - k0 * l for m, l in zip(moment[k0 : k0 + horizon + 1], L)]
    V = [0.0] * (horizon + 1)
    arg = horizon
    for i in range(horizon, lo - 1, -1):
        li, mi = L[i], M[i]
        best = g * (horizon - i)
        bj = horizon + 1
        for j in range(i + floor, min(arg, horizon) + 1):
            c = scale * (j * (L[j] - li) - M[j] + mi) + price + V[j]
            if c < best:
                best, bj = c, j
        V[i] = best
        arg = bj if bj <= horizon else arg
    l0 = L[0] + part * (L[1] - L[0])
    m0 = M[0] + part * (M[1] - M[0])
    return min(range(lo, horizon + 1), key=lambda j: scale * (j * (L[j] - l0) - M[j] + m0) + V[j])
