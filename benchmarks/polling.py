"""How late entries are found at what price in requests: our rule against others, on replayed histories.

    python -m benchmarks.polling [--held-out] [--sample N] [--markdown]

Every rule is told only what polling shows: at first the newest entries of a whole document, then at
each poll the entries that are new and still within the document's window. Reported per rule:

requests    polls per source and day, over all sources
median, p90 of all entries' delays from the claimed time to the poll that found them, minutes
by entry    mean delay of entries, and its ratio to ONE fixed interval for all sources that spends the
            same number of requests (its mean delay is half the interval)
by source   the same with every source counting alike
merit       geometric mean of the two ratios: the smaller, the better
lost        entries that had left the document before a poll came

Only histories.py reads anything; there is no network and no waiting.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, sqrt
from statistics import median, quantiles
from zlib import crc32

from aggregator.schedule.cadence import PRICE, best_wait_s
from aggregator.schedule.rhythm import Rhythm, learn
from benchmarks.histories import DAY, HOUR, WEEK, History, load_histories

FLOOR, LONGEST = HOUR, DAY
#: spends about four requests a source and day; the default, about eight
PRICE_FOR_FOUR = 340.0


class Fixed:
    """One interval for everybody."""

    def __init__(self, minutes: int) -> None:
        self._interval = minutes * 60

    def saw(self, published: Sequence[int], now: float) -> None:
        pass

    def next(self, now: float) -> float:
        return now + self._interval


class Miniflux:
    """entry_frequency with its defaults: a week over the entries of the last week, 5 min to 24 h;
    due sources are looked for once an hour."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def saw(self, published: Sequence[int], now: float) -> None:
        self._seen = [*self._seen[-3000:], *published]

    def next(self, now: float) -> float:
        weekly = sum(now - WEEK < time <= now for time in self._seen)
        due = now + min(max(WEEK / weekly if weekly else LONGEST, 300), LONGEST)
        return ceil(due / HOUR) * HOUR


class CommaFeed:
    """By the age of the newest entry, for young ones half the mean interval; floor as ours."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def saw(self, published: Sequence[int], now: float) -> None:
        self._seen = sorted([*self._seen, *published])[-30:]

    def next(self, now: float) -> float:
        return now + min(max(self._interval(now), FLOOR), LONGEST)

    def _interval(self, now: float) -> float:
        silence = now - self._seen[-1] if self._seen else 31 * DAY
        for days, hours in ((30, 24), (14, 12), (7, 6)):
            if silence > days * DAY:
                return hours * HOUR
        return (self._seen[-1] - self._seen[0]) / max(1, len(self._seen) - 1) / 2


class Ours:
    """aggregator.schedule.cadence, just as the daemon calls it."""

    def __init__(self, price: float) -> None:
        self._price = price
        self._rhythm = Rhythm()

    def saw(self, published: Sequence[int], now: float) -> None:
        self._rhythm = learn(self._rhythm, [_utc(time) for time in published], _utc(now))

    def next(self, now: float) -> float:
        return now + best_wait_s(_utc(now), self._rhythm, FLOOR, price=self._price)


Rule = Fixed | Miniflux | CommaFeed | Ours


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of one history under one rule."""

    days: float
    requests: int
    #: seconds, per entry found
    delays: list[float]
    lost: int


def replay(history: History, rule: Rule) -> Replay:
    """Poll one history by one rule; what is still unfound at the end is found there."""
    now = float(history.begin + crc32(history.name.encode()) % HOUR)
    times, seen = history.times, bisect_right(history.times, now)
    rule.saw(times[max(0, seen - history.window) : seen], now)
    requests, lost, delays = 0, 0, list[float]()
    while (now := rule.next(now)) < history.end:
        requests += 1
        upto = bisect_right(times, now)
        if upto > seen:
            lost += max(0, upto - seen - history.window)
            delays += [now - time for time in times[seen:upto]]
            rule.saw(times[max(seen, upto - history.window) : upto], now)
            seen = upto
    delays += [history.end - time for time in times[seen:] if time < history.end]
    return Replay(history.days, requests, delays, lost)


def knowing_the_future(history: History, price: float) -> Replay:
    """Replay the best polls there could be: chosen with all times known, each at the time of an entry."""
    times = [t for t in history.times if history.begin < t < history.end]
    rate = max(len(times) / history.days, 1e-3)
    weight = rate**-0.5
    best: list[tuple[float, int, int]] = [(0.0, 0, 0)] * len(times) + [(0.0, 0, len(times))]
    for i in range(len(times) - 1, -1, -1):
        best[i] = min(_stops(times, i, weight, price, history.begin, best))
    requests, delays, i = 0, list[float](), 0
    while i < len(times):
        _, polls, after = best[i]
        requests += polls
        delays += [times[after - 1] - time for time in times[i:after]]
        i = after
    return Replay(
        history.days, requests + int((history.end - (times or [history.begin])[-1]) / LONGEST), delays, 0
    )


def _stops(
    times: list[int], i: int, weight: float, price: float, begin: int, best: list[tuple[float, int, int]]
) -> Iterator[tuple[float, int, int]]:
    """Yield (cost, polls, next unfound entry) of finding entry *i* together with the next few."""
    before, waited = (times[i - 1] if i else begin), 0.0
    for j in range(i, len(times)):
        waited += (j - i) * (times[j] - times[j - 1]) if j > i else 0
        polls = 1 + int((times[j] - before) / LONGEST)
        is_allowed = times[j] - before >= FLOOR or j == len(times) - 1
        if is_allowed:
            yield weight * waited + polls * price + best[j + 1][0], polls, j + 1
        if weight * waited > 20 * price and is_allowed:
            return


def report(name: str, replays: Sequence[Replay]) -> dict[str, str]:
    """Return one row of the table."""
    delays = [delay for run in replays for delay in run.delays]
    requests = sum(run.requests for run in replays) / sum(run.days for run in replays)
    by_entry = sum(delays) / len(delays)
    of_sources = [sum(run.delays) / len(run.delays) for run in replays if run.delays]
    by_source = sum(of_sources) / len(of_sources)
    fixed = DAY / requests / 2
    return {
        "rule": name,
        "requests": f"{requests:.1f}",
        "median": f"{median(delays) / 60:.0f}",
        "p90": f"{quantiles(delays, n=10)[-1] / 60:.0f}",
        "by entry": f"{by_entry / 60:.0f} ({by_entry / fixed:.2f})",
        "by source": f"{by_source / 60:.0f} ({by_source / fixed:.2f})",
        "merit": f"{sqrt(by_entry * by_source) / fixed:.2f}",
        "lost": f"{sum(run.lost for run in replays) / len(delays):.3%}",
    }


def rules() -> dict[str, Callable[[History], Replay]]:
    """Return every rule of the table by its name."""
    default = PRICE
    made: dict[str, Callable[[], Rule]] = {
        "fixed, 15 min": lambda: Fixed(15),
        "fixed, 60 min": lambda: Fixed(60),
        "fixed, 360 min": lambda: Fixed(360),
        "Miniflux, entry_frequency": Miniflux,
        "CommaFeed": CommaFeed,
        f"ours, price {default:.0f} s (default)": lambda: Ours(default),
        f"ours, price {PRICE_FOR_FOUR:.0f} s": lambda: Ours(PRICE_FOR_FOUR),
    }
    replays = {name: (lambda history, make=make: replay(history, make())) for name, make in made.items()}
    replays["knowing the future"] = lambda history: knowing_the_future(history, 4 * PRICE_FOR_FOUR)
    return replays


def render(rows: Sequence[dict[str, str]], *, markdown: bool) -> str:
    """Write the table, as Markdown or in columns for a terminal."""
    head = list(rows[0])
    lines = [head, ["-" * len(cell) for cell in head]] if markdown else [head]
    lines += [list(row.values()) for row in rows]
    if markdown:
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def main() -> None:
    """Print one table for the true histories and one for all."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--held-out", action="store_true", help="only histories left out when constants were compared"
    )
    options.add_argument("--sample", type=int, default=1, help="only every N-th history")
    options.add_argument("--markdown", action="store_true")
    chosen = options.parse_args()
    histories = [h for h in load_histories() if h.is_held_out or not chosen.held_out][:: chosen.sample]
    for title, group in (("real", [h for h in histories if h.kind == "real"]), ("all", histories)):
        if group:
            days = sum(history.days for history in group)
            print(f"\n{title}: {len(group)} sources, {days:.0f} source-days\n")
            rows = [report(name, [rule(h) for h in group]) for name, rule in rules().items()]
            print(render(rows, markdown=chosen.markdown))


if __name__ == "__main__":
    main()
