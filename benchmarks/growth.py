"""How costs grow with the archive: the same operations at several sizes, side by side.

    python -m benchmarks.growth [--sizes 10000,100000,1000000] [--sources 1000] [--keep FOLDER]
    python -m benchmarks.growth --sizes 100000 --sources 1000,10000,100000
    python -m benchmarks.growth --sizes 20000 --database postgresql://…/empty_database

Each size has a database of its own: an SQLite file filled by benchmarks.bulk, or an empty database
given by URL that is filled by polls. Figures are medians in milliseconds, of processor time on SQLite
and on the wall for a server; "growth" is the figure at the last size divided by the one at the first, so
that a flat cost is 1. With --keep, files are left in a folder and used again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from aggregator.apply import settle
from aggregator.review import review_all
from aggregator.store.engine import Engine, migrate, open_engine, reading, writing
from aggregator.store.pulse import take_pulse
from aggregator.store.retention import maintain
from aggregator.store.sources import list_states
from aggregator.store.versions import load_whole
from benchmarks import store
from benchmarks.bulk import build
from benchmarks.store import NOW, often, use_timer

SEARCHES = ("w7", "rare77", "w7 w8", '"w1 w2"', "w1* OR w2*", "w150", "w7 -w8", "nothing")
#: searches of each kind behind the 95th percentile
ASKED = 7
#: articles judged again, as a sample of a rule change
JUDGED = 3000


class Enough(Exception):
    """The sample is complete."""


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", help="stored articles, separated by commas")
    parser.add_argument("--sources", default="1000", help="sources: one number, or one for each size")
    parser.add_argument("--words", type=int, default=120, help="different words of an article, about")
    parser.add_argument("--database", help="URL of an empty database; default: new SQLite files")
    parser.add_argument("--keep", type=Path, help="folder in which files stay and are found again")
    parser.add_argument("--repeat", type=int, default=9)
    options = parser.parse_args()
    articles = [int(size) for size in options.sizes.split(",")]
    sources = [int(count) for count in options.sources.split(",")]
    length = max(len(articles), len(sources))
    sizes = list(zip(_stretched(articles, length), _stretched(sources, length), strict=True))
    if options.database and len(sizes) > 1:
        parser.error("--database takes one size")
    curves = {f"{a} articles, {s} sources": _figures(a, s, options) for a, s in sizes}
    print(json.dumps(_told(curves), indent=1))


def _stretched(given: list[int], length: int) -> list[int]:
    return given if len(given) == length else given[:1] * length


def _told(curves: dict[str, dict[str, float]]) -> dict[str, object]:
    first, last = curves[next(iter(curves))], curves[list(curves)[-1]]
    table = {name: {size: round(figures[name], 3) for size, figures in curves.items()} for name in first}
    for name, row in table.items():
        if first[name]:
            row["growth"] = round(last[name] / first[name], 2)
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "load": [round(x, 1) for x in os.getloadavg()],
        "figures": table,
    }


def _figures(articles: int, sources: int, options: argparse.Namespace) -> dict[str, float]:
    random.seed(7)
    figures: dict[str, float] = {}
    use_timer(options.database)
    if options.database:
        engine = open_engine(options.database)
        migrate(engine)
        store.measure(engine, articles, sources, options.repeat, figures)
        engine.dispose()
        return figures
    with tempfile.TemporaryDirectory() as folder:
        path = (options.keep or Path(folder)) / f"growth-{articles}-{sources}-{options.words}.db"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            build(path, articles, sources, options.words)
        engine = open_engine(f"sqlite:///{path}")
        migrate(engine)
        _measure(engine, options.repeat, figures)
        figures["bytes an article"] = path.stat().st_size / articles
        engine.dispose()
    return figures


def _measure(engine: Engine, repeat: int, figures: dict[str, float]) -> None:
    # each run of a kept file has an hour of its own, in which every source is due
    hours = int(time.time() / 60) % 100_000 + 2
    later = NOW + timedelta(hours=hours)
    store.measure_polls(engine, later, repeat, figures)
    store.measure_reads(engine, repeat, figures)
    times = [
        _timed(lambda query=query: store.find(engine, query)) for query in SEARCHES for _ in range(ASKED)
    ]  # type: ignore[misc]
    figures["search, 95th percentile"] = statistics.quantiles(times, n=20)[-1]
    _measure_chores(engine, later, figures)
    figures["judge 1000 again by a changed rule"] = _judge_again(engine, later) / JUDGED * 1000


def _measure_chores(engine: Engine, later: datetime, figures: dict[str, float]) -> None:
    def read(work: Callable[..., object], *given: object) -> Callable[[], None]:
        def run() -> None:
            with reading(engine) as connection:
                work(connection, *given)

        return run

    often(figures, "has anything changed", 5, read(load_whole), 1)
    often(figures, "health and metrics", 3, read(take_pulse, later), 1)
    often(figures, "a page of the status", 3, read(lambda held: list_states(held, limit=1000)), 1)
    often(figures, "maintain, nothing to do", 3, lambda: maintain(engine, NOW), 1)
    often(figures, "review of a round", 1, lambda: review_all(engine, NOW), 1)


def _judge_again(engine: Engine, later: datetime) -> float:
    """Return what judging a sample of the stored articles by a changed rule took."""
    with writing(engine) as connection:
        connection.execute(text("UPDATE feeds SET is_pending = :yes WHERE slug = 'topic-3'"), {"yes": True})

    def end(judged: int) -> None:
        if judged >= JUDGED:
            raise Enough

    def run() -> None:
        try:
            settle(engine, later, end)
        except Enough:
            return

    spent = _timed(run)
    with writing(engine) as connection:
        connection.execute(text("UPDATE feeds SET is_pending = :no"), {"no": False})
    return spent


def _timed(work: Callable[[], None]) -> float:
    start = store.TIMER()
    work()
    return (store.TIMER() - start) * 1000


if __name__ == "__main__":
    main()
