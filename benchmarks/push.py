"""How soon subscribers of our hub have a new entry, while some are slow and some are dead.

    python -m benchmarks.push
    python -m benchmarks.push --subscribers 200 --slow 20 --dead 20 --stored 10000 --rounds 5

Starts the program as a user does, with a store that holds the given number of confirmed
subscriptions, lets a paper print something new a few times, and prints as JSON how long after the
poll that found it the ready subscribers had it, in seconds. Slow subscribers keep the connection
open without an answer; half of the dead refuse it, the others break it off.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select

from aggregator.model.push import HubRequest
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.push import hub_requests
from aggregator.store.push.pushview import count_pushes
from aggregator.store.tables import articles
from tests.origin import Origin, Reply
from tests.pushing import Paper, write_config
from tests.running import free_port, running, wait_until

WAIT_S = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=200)
    parser.add_argument("--slow", type=int, default=20)
    parser.add_argument("--dead", type=int, default=20)
    parser.add_argument("--stored", type=int, default=10_000, help="subscriptions in all, to other feeds too")
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Origin(host="0.0.0.0") as origin:
        json.dump(measure(wanted, Path(folder), origin), sys.stdout, indent=2)
    print()


def measure(wanted: argparse.Namespace, folder: Path, origin: Origin) -> dict[str, object]:
    """Run the program and return the figures."""
    paper = Paper(origin)
    port = free_port()
    source = f"http://127.0.0.1:{origin.port}/feed.atom"
    config = write_config(folder / "instance", port, [(source, "1s")])
    ready = make_subscribers(wanted, origin)
    with running(config, f"http://127.0.0.1:{port}") as program:
        wait_until(lambda: b"Barge one" in program.get("/feeds/all.atom")[2])
        engine = open_engine(f"sqlite:///{folder}/instance/store.db")
        began = time.monotonic()
        subscribe(engine, wanted, ready, program.url)
        stored_s = time.monotonic() - began
        waits: list[float] = []
        first: list[float] = []
        for number in range(wanted.rounds):
            took = one_round(engine, paper, origin, ready, f"Barge round {number}")
            first = first or took
            waits += took
        with reading(engine) as connection:
            stored = count_pushes(connection, datetime.now(UTC)).subscribers
        engine.dispose()
    return {
        "subscriptions_stored": stored,
        "seconds_to_store_them": round(stored_s, 2),
        "ready_subscribers": len(ready),
        "rounds": wanted.rounds,
        "median_s": round(statistics.median(waits), 3),
        "p99_s": round(statistics.quantiles(waits, n=100)[98], 3),
        "slowest_s": round(max(waits), 3),
        "first_round_median_s": round(statistics.median(first), 3),
        "first_round_slowest_s": round(max(first), 3),
    }


def make_subscribers(wanted: argparse.Namespace, origin: Origin) -> list[str]:
    """Script the subscribers' answers; return the callbacks of the ready ones."""
    count = wanted.subscribers - wanted.slow - wanted.dead
    ready = [address(origin.port, number, f"/ready/{number}") for number in range(count)]
    for number in range(count):
        origin.on(f"/ready/{number}", Reply(204))
    for number in range(wanted.slow):
        origin.on(f"/slow/{number}", Reply(204, is_held=True))
    for number in range(wanted.dead):
        origin.on(f"/dead/{number}", Reply(204, reset_after=0))
    return ready


def address(port: int, number: int, path: str) -> str:
    """Every subscriber is a host of its own, as on the web: all of 127.0.0.0/8 is this machine."""
    return f"http://127.1.{number // 250}.{number % 250 + 1}:{port}{path}"


def subscribe(engine: Engine, wanted: argparse.Namespace, ready: list[str], site: str) -> None:
    """Store confirmed subscriptions: the ready, the slow, the dead, and the many of another feed."""
    port = int(ready[0].rpartition(":")[2].partition("/")[0])
    others = [address(port, 1000 + n, f"/slow/{n}") for n in range(wanted.slow)]
    half = wanted.dead // 2
    others += [address(port, 2000 + n, f"/dead/{n}") for n in range(half)]
    others += [address(9, 3000 + n, f"/dead/{n}") for n in range(wanted.dead - half)]
    asleep = [address(port, 5000 + n, f"/other/{n}") for n in range(wanted.stored - wanted.subscribers)]
    now = datetime.now(UTC)
    with writing(engine) as connection:
        head = find_feed(connection, "feed", "all")
        assert head is not None
        busy = f"{site}/feeds/all.atom", head.id
        quiet = find_feed(connection, "feed", "none")
        assert quiet is not None
        calm = f"{site}/feeds/none.atom", quiet.id
        for callback, (topic, feed_id) in [
            *((callback, busy) for callback in (*ready, *others)),
            *((callback, calm) for callback in asleep),
        ]:
            request = HubRequest(
                mode="subscribe", callback=callback, topic=topic, feed_id=feed_id, suffix="atom",
                lease_s=86_400, secret="between us",
            )  # fmt: skip
            hub_requests.subscribe(connection, request, now)


def one_round(engine: Engine, paper: Paper, origin: Origin, ready: list[str], title: str) -> list[float]:
    """Print something new; return how long after the poll each ready subscriber had it."""
    before = len(origin.requests)
    # a moment on both clocks: arrivals are noted on the monotonic one
    wall, steady = datetime.now(UTC), time.monotonic()
    paper.titles.insert(0, title)
    paths = {f"/ready/{number}" for number in range(len(ready))}

    def arrived() -> dict[str, float]:
        return {
            seen.path: seen.at
            for seen in reversed(origin.requests[before:])
            if seen.path in paths and title.encode() in seen.body
        }

    wait_until(lambda: len(arrived()) == len(ready), timeout_s=WAIT_S, what="all ready subscribers")
    with reading(engine) as connection:
        found = connection.scalar(select(func.max(articles.c.first_seen)))
    assert found is not None
    polled = steady + (found - wall) / timedelta(seconds=1)
    return [at - polled for at in arrived().values()]


if __name__ == "__main__":
    main()
