"""A fleet on one PostgreSQL: workers killed in mid-cycle, one added, the server restarted; what came of it.

    python -m benchmarks.fleet [--sources 5000] [--workers 4]

Real workers poll a scripted origin in which every source has an address of its own. When all of them
have their hands full, two are killed with kill -9, another is started, and in the middle of the cycle the
database is restarted. The verdict: no source is asked twice but those that a dead worker held, and these
once more when they are free again; none is forgotten; every entry is in the feed of everything once.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.store.engine import Engine, open_engine
from aggregator.store.tables import sources
from benchmarks.processes import cpu_seconds, pss_megabytes
from benchmarks.workers import Fleet, busy, claimed, count, held_by, judge, own_server
from tests.origin import Origin
from tests.running import wait_until

PATIENCE_S = 240


def main() -> int:
    """Run the fleet, print figures and verdict as JSON; exit code 1 if something was lost or repeated."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sources", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    if options.workers < 3:
        parser.error("two of at least three workers are killed")
    with own_server() as server, Origin(host="0.0.0.0") as origin, ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fleet = Fleet(folder, server.get_uri(), origin, options.sources)
        stack.callback(fleet.close)
        engine = _gather(fleet, server, origin, options.workers)
        stack.callback(engine.dispose)
        figures = _disturb(fleet, server, origin, engine, options)
    head = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "load": round(os.getloadavg()[0], 1),
        "sources": options.sources,
        "workers": options.workers,
    }
    print(json.dumps(head | figures, indent=1))
    return 0 if figures["is_good"] else 1


def _database_seconds(server: Any) -> float:
    """Return the processor time of a PostgreSQL since its start, sessions that ended included."""
    return cpu_seconds(int(Path(server.pgdata, "postmaster.pid").read_text().split()[0]))


def _gather(fleet: Fleet, server: Any, origin: Origin, workers: int) -> Engine:
    """Start the workers and wait until their hands are full and nothing was answered yet."""
    for _ in range(workers):
        fleet.start()
    wait_until(lambda: fleet.ready() == workers, timeout_s=PATIENCE_S, what="the workers")
    engine = open_engine(server.get_uri())
    fleet.add_sources()
    # a worker holds twice its concurrency of 30
    wait_until(lambda: len(claimed(engine)) >= 50 * workers, timeout_s=PATIENCE_S, what="claims of all")
    wait_until(lambda: len(origin.requests) >= 25 * workers, timeout_s=PATIENCE_S, what="requests")
    return engine


def _disturb(
    fleet: Fleet, server: Any, origin: Origin, engine: Engine, options: argparse.Namespace
) -> dict[str, Any]:
    began = time.monotonic()
    # nobody was answered yet, so nothing of it has changed hands
    victims = busy(engine, fleet)[:2]
    abandoned = held_by(engine, [victim.pid for victim in victims])
    spent = sum(cpu_seconds(worker.pid) for worker in fleet.workers if worker not in victims)
    for victim in victims:
        victim.kill()
        victim.wait()
    origin.release()
    fleet.start()
    is_polled = sources.c.last_poll.is_not(None)
    wait_until(
        lambda: count(engine, is_polled) >= options.sources // 5, timeout_s=PATIENCE_S, what="a part polled"
    )
    database = _database_seconds(server)
    server.stop()
    engine.dispose()
    away = time.monotonic()
    server.start()
    is_left = sources.c.last_success.is_(None)
    wait_until(lambda: count(engine, is_left) == 0, timeout_s=PATIENCE_S, what="every source")
    living = [worker.pid for worker in fleet.workers if worker not in victims]
    spent = sum(map(cpu_seconds, living)) - spent
    database += _database_seconds(server)
    verdict = judge(engine, origin, options.sources, abandoned)
    return {
        "held by the killed": len(abandoned),
        "database restarted after": f"{away - began:.0f} s",
        "cycle": f"{time.monotonic() - began:.0f} s",
        "processor of the living workers": f"{spent:.1f} s",
        "processor of the database": f"{database:.1f} s",
        "MB of a worker": round(sum(map(pss_megabytes, living)) / len(living), 1),
        "requests": len(origin.requests),
        "asked once more": len(origin.requests) - options.sources,
        **asdict(verdict),
        "is_good": verdict.is_good and bool(abandoned),
    }


if __name__ == "__main__":
    raise SystemExit(main())
