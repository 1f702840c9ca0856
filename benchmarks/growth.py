"""How costs grow with the archive: the same operations at several sizes, side by side.

    python -m benchmarks.growth [--sizes 10000,100000,1000000] [--sources 1000] [--keep FOLDER]
    python -m benchmarks.growth --sizes 100000 --sources 1000,10000,100000
    python -m benchmarks.growth --sizes 1000000 --rule-change
    python -m benchmarks.growth --sizes 20000 --database postgresql://…/empty_database

Each size has a database of its own: an SQLite file filled by benchmarks.bulk, or an empty database
given by URL that is filled by polls. Each operation is done at one size after the other, again and again,
so that whatever else the machine does falls on all sizes alike. Figures are medians in milliseconds, of
processor time on SQLite and on the wall for a server; "growth" is the median of what the last size took
divided by what the first took in the same round: a flat cost is 1. With --keep, files are left in a folder
and copied again. With --rule-change every article is judged by a rule that may take any, and nothing else is
done: told are the seconds, and the milliseconds for which somebody who writes beside it waits.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text, update

from aggregator.model import Feed
from aggregator.pipeline.apply import settle
from aggregator.pipeline.review import review_sources
from aggregator.query.glossary import Glossary
from aggregator.store import tables
from aggregator.store.articles.retention import bury
from aggregator.store.configurations import load_applied
from aggregator.store.engine import Engine, open_engine, reading, writing
from aggregator.store.feeds.configured import apply_feeds
from aggregator.store.feeds.live import ROUND, age_out
from aggregator.store.feeds.versions import load_publication
from aggregator.store.pulse import take_pulse
from aggregator.store.schema import migrate
from aggregator.store.sources.configured import SourceChanges
from aggregator.store.sources.states import list_ids, list_states
from benchmarks import store
from benchmarks.bulk import build
from benchmarks.store import NOW, Operation, timed, use_timer

#: articles judged again, as a sample of a rule change that may move all
JUDGED = 10_000
#: articles removed in one transaction
REMOVED = 100
#: feeds whose news grow old, and sources that are reviewed, in one round
PER_ROUND = 100


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
    parser.add_argument("--rule-change", action="store_true", help="measure that alone; not with --database")
    options = parser.parse_args()
    articles = [int(size) for size in options.sizes.split(",")]
    sources = [int(count) for count in options.sources.split(",")]
    length = max(len(articles), len(sources))
    sizes = list(zip(_stretched(articles, length), _stretched(sources, length), strict=True))
    random.seed(7)
    use_timer(options.database)
    if options.database:
        if len(sizes) > 1:
            parser.error("--database takes one size")
        told: dict[str, object] = {"figures": _on_server(*sizes[0], options)}
    else:
        told = _on_files(sizes, options)
    load = [round(x, 1) for x in os.getloadavg()]
    print(json.dumps({"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "load": load} | told, indent=1))


def _stretched(given: list[int], length: int) -> list[int]:
    return given if len(given) == length else given[:1] * length


def _on_server(articles: int, sources: int, options: argparse.Namespace) -> dict[str, float]:
    figures: dict[str, float] = {}
    engine = open_engine(options.database)
    migrate(engine)
    store.measure(engine, articles, sources, options.repeat, figures)
    with reading(engine) as connection:
        size = connection.scalar(text("SELECT pg_database_size(current_database())"))
    figures["kB an article"] = round(float(size) / articles / 1000, 2)
    for operation in store.polls(engine, NOW + timedelta(days=2)):
        figures[f"{operation.name}, kB of log"] = _logged(engine, operation)
    engine.dispose()
    return figures


def _logged(engine: Engine, operation: Operation) -> float:
    """Return what an operation writes into the log of a server, in kB: the median of nine."""
    place = text("SELECT pg_current_wal_insert_lsn() - '0/0'")
    written = []
    for _ in range(9):
        given = () if operation.prepare is None else (operation.prepare(),)
        with reading(engine) as connection:
            before = connection.scalar(place)
        operation.work(*given)
        with reading(engine) as connection:
            written.append(float(connection.scalar(place) - before))
    return round(statistics.median(written) / operation.per / 1000, 2)


def _on_files(sizes: list[tuple[int, int]], options: argparse.Namespace) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        engines: dict[str, Engine] = {}
        weights: dict[str, float] = {}
        for articles, sources in sizes:
            made = (options.keep or Path(folder)) / f"growth-{articles}-{sources}-{options.words}.db"
            if not made.exists():
                made.parent.mkdir(parents=True, exist_ok=True)
                build(made, articles, sources, options.words)
            name = f"{articles} articles, {sources} sources"
            path = Path(folder, f"{articles}-{sources}.db")
            shutil.copyfile(made, path)
            engines[name] = open_engine(f"sqlite:///{path}")
            migrate(engines[name])
            weights[name] = round(path.stat().st_size / articles)
        curves = _judge_all(engines) if options.rule_change else _measure(engines, options.repeat)
        for engine in engines.values():
            engine.dispose()
    return {"figures": curves | {"bytes an article": weights}}


def _measure(engines: dict[str, Engine], repeat: int) -> dict[str, dict[str, float]]:
    later = NOW + timedelta(hours=2)  # when every source is due
    operations = {
        name: [*store.polls(engine, later), *store.reads(engine), *_chores(engine, later)]
        for name, engine in engines.items()
    }
    curves: dict[str, dict[str, float]] = {}
    searches: dict[str, list[float]] = {name: [] for name in engines}
    for alike in zip(*operations.values(), strict=True):
        rounds = [[timed(one) for one in alike] for _ in range(alike[0].times or repeat)]
        curves[alike[0].name] = _curve([*engines], rounds)
        if alike[0].name.startswith("search"):
            for name, times in zip(engines, zip(*rounds, strict=True), strict=True):
                searches[name] += times
    late = [statistics.quantiles(times, n=20)[-1] for times in searches.values()]
    return curves | {"search, 95th percentile": _curve([*engines], [late])}


def _curve(names: list[str], rounds: list[list[float]]) -> dict[str, float]:
    """Return the medians by name, and what the last took for one of the first."""
    medians = {
        name: round(statistics.median(times), 3)
        for name, times in zip(names, zip(*rounds, strict=True), strict=True)
    }
    return medians | {"growth": round(statistics.median(each[-1] / each[0] for each in rounds), 2)}


def _chores(engine: Engine, later: datetime) -> Iterator[Operation]:
    def read(work: Callable[..., object], *given: object) -> Callable[[], None]:
        def run() -> None:
            with reading(engine) as connection:
                work(connection, *given)

        return run

    yield Operation("has anything changed", read(load_publication))
    yield Operation("health and metrics", read(take_pulse, later))
    yield Operation("a page of the status", read(lambda held: list_states(held, limit=1000)))
    yield Operation("let a feed's news grow old", lambda: _age_out(engine, later), per=ROUND, times=5)
    yield Operation("remove an old article", lambda: _remove_oldest(engine), per=REMOVED, times=5)
    parts = itertools.cycle(_parts(engine))
    yield Operation(
        "review a source", lambda: review_sources(engine, next(parts), later), per=PER_ROUND, times=5
    )
    words = (f"rare{n}" for n in itertools.count(77))
    yield Operation(
        "apply a changed rule of a rare word",
        lambda _: settle(engine, later),
        prepare=lambda: _change_rule(engine, next(words), later),
        times=3,
    )
    yield Operation(
        "judge one again by a changed rule", lambda: _judge_again(engine, later), per=JUDGED, times=1
    )


def _judge_all(engines: dict[str, Engine]) -> dict[str, dict[str, float]]:
    """Judge every article by a rule that may take any, while somebody else writes ten times a second."""
    told = {}
    for name, engine in engines.items():
        waits: list[float] = []
        is_over = threading.Event()

        def write(
            engine: Engine = engine, waits: list[float] = waits, over: threading.Event = is_over
        ) -> None:
            while not over.wait(0.1):
                began = time.monotonic()
                with writing(engine) as connection:
                    connection.execute(update(tables.applied).values(host="another"))
                waits.append((time.monotonic() - began) * 1000)

        _change_rule(engine, "words:[1 TO *]", NOW)
        writer, began = threading.Thread(target=write), time.monotonic()
        writer.start()
        judged = settle(engine, NOW)
        took = time.monotonic() - began
        is_over.set()
        writer.join()
        told[name] = {
            "judged": judged,
            "s": round(took, 1),
            "ms a writer waits, median": round(statistics.median(waits), 1),
            "ms a writer waits, 99th percentile": round(statistics.quantiles(waits, n=100)[-1], 1),
        }
    return told


def _parts(engine: Engine) -> list[tuple[int, ...]]:
    """Return the ids of sources in rounds of PER_ROUND, each from all over the table."""
    with reading(engine) as connection:
        ids = list_ids(connection)
    count = max(1, len(ids) // PER_ROUND)
    return [ids[first::count][:PER_ROUND] for first in range(count)]


def _age_out(engine: Engine, later: datetime) -> None:
    with writing(engine) as connection:
        age_out(connection, later, lambda head: ())


def _remove_oldest(engine: Engine) -> None:
    """Do what retention does with articles past their time."""
    a = tables.articles.c
    oldest = select(a.id, a.source_id, a.identity, a.published_id, a.sort_date, a.digest)
    with writing(engine) as connection:
        bury(connection, connection.execute(oldest.order_by(a.sort_date).limit(REMOVED)).all(), NOW)


def _change_rule(engine: Engine, query: str, now: datetime) -> None:
    """Give a feed another query, as applying a configuration does."""
    with writing(engine) as connection:
        applied = load_applied(connection)
        assert applied
        changed = Feed(slug="changed", title="Changed", query=query)
        others = tuple(feed for feed in applied.configuration.feeds if feed.slug != changed.slug)
        configuration = replace(applied.configuration, feeds=(*others, changed))
        apply_feeds(connection, configuration, SourceChanges(), Glossary(), now)
        connection.execute(update(tables.applied).values(configuration=configuration))


def _judge_again(engine: Engine, later: datetime) -> None:
    """Judge a sample of the stored articles by a changed rule that might take any."""
    with writing(engine) as connection:
        connection.execute(text("UPDATE feeds SET is_pending = :yes WHERE slug = 'front'"), {"yes": True})

    def end(judged: int) -> None:
        if judged >= JUDGED:
            raise Enough

    with contextlib.suppress(Enough):
        settle(engine, later, end)
    with writing(engine) as connection:
        connection.execute(text("UPDATE feeds SET is_pending = :no"), {"no": False})


if __name__ == "__main__":
    main()
