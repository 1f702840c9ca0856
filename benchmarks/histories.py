"""Posting histories for the polling benchmark: captured feeds and a seed flow in, times flow out.

A captured feed shows the last few dozen entries of a source: a day of a newsroom, two years of a
blog. Three kinds of history are made, and nothing is fetched:

- *real*: the dates of a captured feed that reaches back far enough, just as they are: the older
  third is known when polling starts, the rest is replayed;
- *drawn on*: busy feeds that show only a few days; weeks are made by resampling those days piece
  by piece, so that minutes, hours and bunches stay those of the source;
- *generated*: what captures lack: sources that fall silent, wake up, die, burst, or keep the hour.
"""

from __future__ import annotations

import calendar
import io
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import feedparser

HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
#: Monday 5 January 2026, 00:00 UTC: where made histories start to be replayed
START = 1767571200
#: days of made histories before and after START
WARM_DAYS, DAYS = 28, 28
#: real histories: fewest entries, shortest span, longest replay
FEWEST, SHORTEST, LONGEST = 10, 10 * DAY, 100 * DAY


@dataclass(frozen=True, slots=True)
class History:
    """One source: when it published (seconds, sorted), and from when to when it is polled."""

    name: str
    kind: str
    times: tuple[int, ...]
    begin: int
    end: int
    #: entries its document holds
    window: int

    @property
    def days(self) -> float:
        return (self.end - self.begin) / DAY

    @property
    def is_held_out(self) -> bool:
        """Whether it was left out when constants of the rule were compared: a fixed coin."""
        return crc32(self.name.encode()[::-1]) % 2 == 1


def load_histories(seed: int = 7) -> list[History]:
    """Return all histories in a fixed order; without a corpus only the generated ones."""
    made = [_history(name, times, seed) for name, times in captured()]
    return [history for history in made if history] + list(generated(seed))


def corpus() -> Path:
    """Return the folder of captured feeds."""
    default = Path(__file__).resolve().parents[1] / "../shared/corpus"
    return Path(os.environ.get("AGGREGATOR_CORPUS", default))


def captured() -> Iterator[tuple[str, list[int]]]:
    """Yield the dates of every captured feed that shows enough of them, each feed once."""
    seen = set()
    for path in sorted(corpus().glob("*/feeds/**/*")):
        origin = path.relative_to(corpus()).parts[0]
        if origin == "feedparser" or not path.is_file() or path.stat().st_size > 3_000_000:
            continue
        times = _dates(path.read_bytes())
        if len(times) >= FEWEST and times[0] > 0 and (times[0], times[-1]) not in seen:
            seen.add((times[0], times[-1]))
            yield str(path.relative_to(corpus())), times


def _dates(body: bytes) -> list[int]:
    parsed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    times = []
    for entry in parsed.entries:
        claims = (entry[name] for name in ("published_parsed", "updated_parsed") if name in entry)
        if when := next(filter(None, claims), None):
            times.append(calendar.timegm(when))
    return sorted(times)


def _history(name: str, times: list[int], seed: int) -> History | None:
    window = min(len(times), 30)
    if times[-1] - times[0] >= SHORTEST:
        return _as_it_was(name, times, window)
    draw = random.Random(f"{seed}/{name}")
    return _made(name, "drawn on", _drawn_on(times, draw), window)


def _as_it_was(name: str, times: list[int], window: int) -> History | None:
    span = times[-1] - times[0]
    end = times[-1] + min(span // len(times), 10 * DAY) // 2
    # not a whole number of hours from the last entry: fixed intervals must find no rhythm by chance
    begin = max(times[0] + (end - times[0]) // 3, end - LONGEST) + crc32(name.encode()) % DAY
    if sum(time > begin for time in times) < 2:
        return None  # one entry's luck would count as much as another source's hundred
    return History(name, "real", tuple(times), begin, end, window)


def _made(name: str, kind: str, times: Iterator[int], window: int) -> History:
    end = START + DAYS * DAY
    return History(name, kind, tuple(sorted(t for t in times if t < end)), START, end, window)


def _drawn_on(times: list[int], draw: random.Random) -> Iterator[int]:
    """Draw each two hours of each day from the same two hours of a day that was seen.

    Days differ in zeal and weekends may be quiet; entries move by minutes, some by an hour, unless
    they keep to the first three minutes of theirs.
    """
    piece = 2 * HOUR
    pool: dict[int, list[list[int]]] = {}
    for begin in range(times[0] // piece * piece, times[-1], piece):
        inside = [t - begin for t in times if begin <= t < begin + piece]
        pool.setdefault(begin % DAY, []).append(inside)
    weekend = draw.choice((0.25, 0.5, 0.8, 1.0))
    for day in _each_day():
        zeal = draw.gammavariate(4, 0.25) * (weekend if _is_weekend(day) else 1.0)
        for hour in range(0, DAY, piece):
            for second in draw.choice(pool.get(hour, [[]])):
                for _ in range(int(zeal + draw.random())):
                    yield day + hour + (second if second % HOUR < 180 else _moved(second, draw))


def _moved(second: int, draw: random.Random) -> int:
    return second + int(draw.gauss(0, HOUR if draw.random() < 0.5 else 300))


def _each_day() -> range:
    return range(START - WARM_DAYS * DAY, START + DAYS * DAY, DAY)


def _is_weekend(time: int) -> bool:
    return (time // DAY + 3) % 7 >= 5


def generated(seed: int) -> Iterator[History]:
    """Yield six sources of each invented kind."""
    for kind, rule in _KINDS.items():
        for number in range(6):
            draw = random.Random(f"{seed}/{kind}/{number}")
            window = draw.choice((10, 15, 20, 30))
            yield _made(f"generated/{kind}-{number}", "generated", rule(draw), window)


def _newsroom(draw: random.Random) -> Iterator[int]:
    busy, zone = draw.uniform(10, 60), draw.choice((0, 0, 1, 5, 8)) * HOUR
    for day in _each_day():
        share = 0.5 if _is_weekend(day) else 1.0
        for _ in range(int(draw.gauss(busy, busy**0.5) * share)):
            yield day + zone + _punctual(int(draw.triangular(5, 24, 11) * HOUR), draw)


def _weekday_blog(draw: random.Random) -> Iterator[int]:
    hour, zeal = draw.randrange(6, 20), draw.uniform(0.3, 0.95)
    for day in _each_day():
        if not _is_weekend(day) and draw.random() < zeal:
            yield day + _punctual(hour * HOUR + int(draw.gauss(0, 1.5) * HOUR), draw)


def _podcast(draw: random.Random) -> Iterator[int]:
    weekday, second = draw.randrange(7), draw.randrange(4, 20) * HOUR
    for day in _each_day()[weekday::7]:
        if draw.random() < 0.95:
            yield day + second + draw.choice((0, 0, 0, 1, 5, 300))


def _bulletin(draw: random.Random) -> Iterator[int]:
    minute = draw.choice((0, 0, 2, 5, 30))
    for day in _each_day():
        yield from (day + hour * HOUR + minute * 60 + draw.randrange(60) for hour in range(5, 24))


def _blog(draw: random.Random) -> Iterator[int]:
    now, gap = float(_each_day()[0]), draw.choice((1, 2, 4, 7, 12)) * DAY
    while now < START + DAYS * DAY:
        now += draw.expovariate(1 / gap)
        yield int(now // DAY * DAY) + _punctual(int(draw.triangular(7, 23, 15) * HOUR), draw)


def _dormant(draw: random.Random) -> Iterator[int]:
    last = START + draw.randrange(-WARM_DAYS // 2, DAYS // 2) * DAY
    return (time for time in _blog(draw) if time < last)


def _revived(draw: random.Random) -> Iterator[int]:
    wakes = START + draw.randrange(5, DAYS) * DAY
    old = (time for time in _weekday_blog(draw) if time < START or time >= wakes)
    return (time - 365 * DAY if time < START else time for time in old)


def _dead(draw: random.Random) -> Iterator[int]:
    ago = draw.randrange(200, 900) * DAY
    return (time - ago for time in _blog(draw) if time < START)


def _bursts(draw: random.Random) -> Iterator[int]:
    for start in _blog(draw):
        yield from (start + draw.randrange(3 * HOUR) for _ in range(draw.randrange(2, 12)))


def _punctual(second: int, draw: random.Random) -> int:
    """Move a fifth of the entries to the first three minutes of their hour."""
    return second // HOUR * HOUR + draw.randrange(180) if draw.random() < 0.2 else second


_KINDS: dict[str, Callable[[random.Random], Iterator[int]]] = {
    "newsroom": _newsroom,
    "weekday-blog": _weekday_blog,
    "podcast": _podcast,
    "bulletin": _bulletin,
    "blog": _blog,
    "dormant": _dormant,
    "revived": _revived,
    "dead": _dead,
    "bursts": _bursts,
}
