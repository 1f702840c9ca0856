"""Two workers share the hub's work on one PostgreSQL: every subscriber is told once, whoever does it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.origin import Origin, Reply, Seen
from tests.pushing import Paper, ask_hub, asked, write_config
from tests.running import Running, environment, free_port, running, wait_until

#: more than one worker serves at a time
SUBSCRIBERS = 130
pytestmark = pytest.mark.timeout(300)


class Crowd:
    """Subscribers, each at an address of its own, that let a worker wait for their answer."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self.keeps_waiting = False
        self.callbacks = [
            f"http://127.3.{n // 200}.{n % 200 + 1}:{origin.port}/reader/{n}" for n in range(SUBSCRIBERS)
        ]
        for n in range(SUBSCRIBERS):
            origin.on(f"/reader/{n}", self._answer)

    def _answer(self, seen: Seen) -> Reply:
        if seen.method == "POST":
            return Reply(204, is_held=self.keeps_waiting)
        return Reply(200, (), asked(seen)["hub.challenge"].encode())

    def told(self, title: bytes) -> Counter[str]:
        """How often each was told of *title*."""
        posts = (seen for seen in list(self._origin.requests) if seen.method == "POST")
        return Counter(seen.path for seen in posts if title in seen.body)

    @property
    def confirmed(self) -> set[str]:
        """Who was asked whether it wants this."""
        return {
            seen.path
            for seen in list(self._origin.requests)
            if seen.path.startswith("/reader/") and seen.method == "GET"
        }


def start_worker(config: Path, name: str) -> Running:
    log = config.with_name(f"{name}.log")
    command = [sys.executable, "-m", "aggregator", "--verbose", "--config", str(config), "worker"]
    with log.open("ab") as sink:
        process = subprocess.Popen(command, env=environment(), stdout=sink, stderr=sink)
    return Running(process, "", log)


def test_two_workers_tell_every_subscriber_once(databases: Databases, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Origin(host="0.0.0.0") as origin, ExitStack() as stack:
        paper, crowd = Paper(origin), Crowd(origin)
        source = f"http://127.0.0.1:{origin.port}/feed.atom"
        config = write_config(tmp_path / "hub", port, [(source, "1s")])
        text = config.read_text("utf-8").replace("sqlite:///store.db", databases.url("postgresql"))
        config.write_text(text, "utf-8")
        web = stack.enter_context(running(config, url, "web"))
        workers = [start_worker(config, "worker-a"), start_worker(config, "worker-b")]
        for worker in workers:
            stack.callback(worker.stop)
        wait_until(
            lambda: b"Barge one" in web.get("/feeds/all.atom")[2], timeout_s=90, what="the first entry"
        )
        for callback in crowd.callbacks:
            assert ask_hub(f"{url}/hub", callback, f"{url}/feeds/all.atom") == 202
        wait_until(lambda: len(crowd.confirmed) == SUBSCRIBERS, timeout_s=90, what="every subscriber asked")
        subscribed = "mode=subscribe outcome=ok"
        wait_until(
            lambda: sum(one.log.read_text().count(subscribed) for one in workers) == SUBSCRIBERS,
            timeout_s=90,
            what="every subscription",
        )

        crowd.keeps_waiting = True
        paper.titles.insert(0, "Barge two")
        # one worker alone has not so many hands: the other takes the rest
        wait_until(lambda: len(crowd.told(b"Barge two")) == SUBSCRIBERS, timeout_s=90, what="every delivery")
        crowd.keeps_waiting = False
        origin.release()
        delivered = "hub delivered feed=feed/all outcome=ok"
        wait_until(
            lambda: sum(one.log.read_text().count(delivered) for one in workers) == SUBSCRIBERS,
            timeout_s=90,
            what="every delivery noted",
        )
        assert all(delivered in one.log.read_text() for one in workers)

        paper.titles.insert(0, "Barge three")
        wait_until(lambda: len(crowd.told(b"Barge three")) == SUBSCRIBERS, timeout_s=90, what="the next")
        assert set(crowd.told(b"Barge three").values()) == {1}
        assert set(crowd.told(b"Barge two").values()) == {2}  # its own delivery, and within the next
