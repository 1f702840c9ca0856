"""Two instances, one subscribed to the other's combined feed: news arrives without a poll."""

from __future__ import annotations

import time
from pathlib import Path

from tests.origin import Origin
from tests.pushing import Paper, write_config
from tests.running import free_port, running, wait_until


def test_news_reaches_the_second_instance_within_five_seconds_and_without_a_poll(tmp_path: Path) -> None:
    first_port, second_port = free_port(), free_port()
    first_url, second_url = f"http://127.0.0.1:{first_port}", f"http://127.0.0.1:{second_port}"
    with Origin() as origin:
        paper = Paper(origin)
        first = write_config(tmp_path / "first", first_port, [(paper.url, "1s")])
        second = write_config(tmp_path / "second", second_port, [(f"{first_url}/feeds/all.atom", "1h")])
        with running(first, first_url) as publisher:
            wait_until(lambda: b"Barge one" in publisher.get("/feeds/all.atom")[2], what="the first entry")
            with running(second, second_url) as reader:
                wait_until(lambda: b"Barge one" in reader.get("/feeds/all.atom")[2], what="the first poll")
                wait_until(
                    lambda: "mode=subscribe outcome=ok" in publisher.log.read_text(), what="the subscription"
                )
                polls = reader.log.read_text().count("poll source=")

                started = time.monotonic()
                paper.titles.insert(0, "Barge two")
                wait_until(lambda: b"Barge two" in reader.get("/feeds/all.atom")[2], timeout_s=15)
                took = time.monotonic() - started

                log = reader.log.read_text()
                assert "push source=" in log
                assert log.count("poll source=") == polls == 1
                assert took < 5, f"{took:.1f} s"
