"""Two instances, one subscribed to the other's combined feed: news arrives without a poll."""

from __future__ import annotations

import time
from pathlib import Path

from tests.origin import Origin
from tests.pushing import Paper, Reader, ask_hub, posted, write_config
from tests.running import free_port, running, wait_until


def test_news_reaches_the_second_instance_within_seconds_and_without_a_poll(tmp_path: Path) -> None:
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
                wait_until(
                    lambda: b"Barge two" in reader.get("/feeds/all.atom")[2], timeout_s=60, what="the news"
                )
                # under five seconds on an idle machine; a busy one may take longer, but never an hour
                print(f"news took {time.monotonic() - started:.1f} s")
                wait_until(lambda: "push source=" in reader.log.read_text(), what="the push in the log")
                assert reader.log.read_text().count("poll source=") == polls == 1


def test_a_subscriber_that_was_away_gets_the_newest_document_also_after_a_crash(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Origin() as origin:
        paper = Paper(origin)
        reader = Reader(origin)
        config = write_config(tmp_path / "hub", port, [(paper.url, "1s")])
        with running(config, url) as program:
            wait_until(lambda: b"Barge one" in program.get("/feeds/all.atom")[2])
            assert ask_hub(f"{url}/hub", reader.url, f"{url}/feeds/all.atom", secret="ours") == 202
            wait_until(lambda: "mode=subscribe outcome=ok" in program.log.read_text())
            reader.status = 503
            paper.titles.insert(0, "Barge two")
            wait_until(
                lambda: "reason='it answered 503'" in program.log.read_text(), what="a failed delivery"
            )
            paper.titles.insert(0, "Barge three")
            wait_until(lambda: b"Barge three" in program.get("/feeds/all.atom")[2])
            program.kill()
        reader.status = 204
        before = len(reader.deliveries)
        with running(config, url):
            wait_until(lambda: len(reader.deliveries) > before, what="the delivery that was due")
            assert b"Barge three" in reader.deliveries[-1].body
            assert b"Barge two" in reader.deliveries[-1].body


def test_a_hub_of_somebody_else_is_named_and_told_of_changes(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Origin() as origin:
        paper = Paper(origin)
        hub = Reader(origin, "/public-hub")
        websub = f"{{hub: '{hub.url}'}}"
        config = write_config(tmp_path / "publisher", port, [(paper.url, "1s")], websub=websub)
        with running(config, url) as program:
            wait_until(lambda: b"Barge one" in program.get("/feeds/all.atom")[2])
            assert f'<{hub.url}>; rel="hub"' in program.get("/feeds/all.rss")[1]["link"]
            assert ask_hub(f"{url}/hub", f"{origin.url('/x')}", f"{url}/feeds/all.atom") == 404
            before = len(hub.deliveries)
            paper.titles.insert(0, "Barge two")
            wait_until(lambda: b"Barge two" in program.get("/feeds/all.atom")[2])
            wanted = {f"{url}/{place}.{suffix}" for place in ("feeds/all", "sources/feed")
                      for suffix in ("atom", "rss", "json")}  # fmt: skip

            def told() -> bool:
                pings = [posted(seen) for seen in hub.deliveries[before:]]
                assert all(ping["hub.mode"] == "publish" for ping in pings)
                return {ping["hub.topic"] for ping in pings} == wanted

            wait_until(told, what="a ping for every document that changed")
