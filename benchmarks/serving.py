"""What feeds cost: a 200 and a 304 from memory, rendering after news, a read; memory under many questions.

    python -m benchmarks.serving [--times 2000] [--entries 50]

A feed of fifty entries with 2.4 kB of text each stands in a SQLite file of its own. All figures are
processor time of this process, the best of several rounds; other work on the machine hardly shows.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from math import inf
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aggregator.curate.rewrite import PLAIN
from aggregator.model import Category, Configuration, Entry, Feed, FeedHead, Person, Site
from aggregator.pipeline.editions import live_edition
from aggregator.publish.render import RENDERERS, encode_as, render
from aggregator.publish.whole import items_of
from aggregator.store.engine import open_engine, reading
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from aggregator.store.schema import migrate
from aggregator.web.app import create_app
from benchmarks.prose import WORDS
from tests.store.making import apply, arrive, entry, source

SITE = Site(title="Benchmark Gazette", url="https://gazette.example", language="en-GB")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: what is wished for, in milliseconds of processor time
WISHES = {
    "200": 0.05,
    "304": 0.03,
    "re-render atom": 8.0,
    "re-render rss": 8.0,
    "re-render json": 8.0,
    "read": 1.0,
}
ROUNDS = 7


def measure(call: Callable[[], Any], times: int) -> float:
    """Return milliseconds of processor time of one call, the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(times):
            call()
        best = min(best, (time.process_time() - began) / times)
    return best * 1000


def fill(engine: Engine, entries: int) -> None:
    """Store a feed of so many entries of one source."""
    feed = Feed(slug="front-page", title="Front page", limit=entries)
    sources = tuple(source(f"Paper {number}", rights="CC BY 4.0") for number in range(10))
    apply(engine, Configuration(site=SITE, sources=sources, feeds=(feed,)), NOON)
    chance = random.Random(7)
    for number in range(entries):
        arrive(engine, f"paper-{number % 10}", _entry(number, chance), feeds=["front-page"], at=NOON)


def _entry(number: int, chance: random.Random) -> Entry:
    words = WORDS["en"].split()
    text = "".join(f"<p>{' '.join(chance.choices(words, k=57))}.</p>" for _ in range(6))
    return entry(
        f"n{number}",
        title=f"Barge {number} & the bridge",
        authors=(Person("Ada Lock", "ada@paper.example"),),
        published=NOON - timedelta(hours=number),
        summary=text[: text.index("</p>") + 4],
        content=text,
        categories=(Category("transport"), Category("river")),
        image=f"https://paper.example/{number}.jpg",
    )


def ask(app: Callable[..., Iterable[bytes]], path: str, **headers: str) -> tuple[str, bytes, dict[str, str]]:
    """Ask a WSGI application as a server does; return status line, body and headers."""
    said: list[Any] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path.partition("?")[0],
        "QUERY_STRING": path.partition("?")[2],
        "SERVER_NAME": "gazette.example",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        **headers,
    }
    body = b"".join(app(environ, lambda *answer: said.append(answer)))
    return said[0][0], body, dict(said[0][1])


def serve(engine: Engine, times: int) -> dict[str, float]:
    """Return what a 200 and a 304 cost through the thin layer, compressed as browsers and readers ask."""
    flask = create_app(engine)
    desk, app = flask.extensions["desk"], flask.wsgi_app
    # time stands still: what is read once a second is read once
    for memory in (desk._standing, desk._heads):
        memory._clock = lambda: 0.0
    path, coding = "/feeds/front-page.atom", {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"}
    status, _, headers = ask(app, path, **coding)
    assert status.startswith("200")
    known = {**coding, "HTTP_IF_NONE_MATCH": headers["ETag"]}
    assert ask(app, path, **known)[0].startswith("304")
    return {
        "200": measure(lambda: ask(app, path, **coding), times),
        "304": measure(lambda: ask(app, path, **known), times),
    }


def rerender(engine: Engine, head: FeedHead) -> dict[str, float]:
    """Return what reading a feed costs, and reading and rendering it in each format after one new article."""
    chance = random.Random(9)
    with reading(engine) as connection:
        found = {"read": measure(lambda: read_items(connection, head, limit=head.limit), 5)}
    for suffix, write in RENDERERS.items():
        found |= {f"re-render {suffix}": inf, f"  written {suffix}": inf, f"  compressed {suffix}": inf}
        for number in range(ROUNDS):
            one = _entry(1000 * len(found) + number, chance)
            at = NOON + timedelta(days=3, hours=number)
            arrive(engine, "paper-1", replace(one, published=at), feeds=["front-page"], at=at)
            parts = _after_news(engine, suffix, write)
            found |= {name: min(found[name], figure) for name, figure in parts.items()}
    return found


def _after_news(engine: Engine, suffix: str, write: Callable[..., bytes]) -> dict[str, float]:
    with reading(engine) as connection:
        began = time.process_time()
        head = find_feed(connection, "feed", "front-page")
        assert head is not None
        body = render(edition := live_edition(connection, head, SITE, PLAIN), suffix).body
        whole = time.process_time() - began
    items = items_of(edition)
    return {
        f"re-render {suffix}": whole * 1000,
        f"  written {suffix}": measure(partial(write, edition, items), 2),
        f"  compressed {suffix}": measure(partial(encode_as, body, "gzip"), 2),
    }


def besiege(engine: Engine, times: int) -> float:
    """Ask for ever new narrowings and return by how many megabytes the process grew."""
    app = create_app(engine).wsgi_app
    paths = (
        "/feeds/front-page.{}?q=barge+-x{}&limit={}",
        "/search.{}?q=bridge+-x{}&limit={}",
        "/authors/{2}x{1}.{0}",
    )
    for number in range(200):
        ask(app, paths[number % 3].format("json", number, 1 + number % 200))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(200, 200 + times):
        ask(app, paths[number % 3].format(("atom", "rss", "json")[number % 3], number, 1 + number % 200))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> int:
    """Print every figure with what is wished for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=2000)
    parser.add_argument("--entries", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder, 'benchmark.db')}")
        migrate(engine)
        fill(engine, options.entries)
        with reading(engine) as connection:
            head = find_feed(connection, "feed", "front-page")
        assert head is not None
        figures = {**serve(engine, options.times), **rerender(engine, head)}
        for name, figure in figures.items():
            wish = f"  wished for at most {WISHES[name]}" if name in WISHES else ""
            print(f"{name:28} {figure:8.3f} ms{wish}")
        print(f"{'growth under 600 questions':28} {besiege(engine, 600):8.1f} MB")
        engine.dispose()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
