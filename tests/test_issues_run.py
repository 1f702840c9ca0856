"""Digests as a reader gets them: the real program makes the issue once and serves it after a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from aggregator.store.engine import open_engine
from aggregator.store.schema import migrate
from tests.newsroom import Newsroom
from tests.running import free_port, running, wait_until
from tests.store.making import NOW


def test_the_program_makes_the_issue_of_the_morning_once(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # printed in the middle of yesterday, so that the midnight since then is the time of an issue
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = (midnight - timedelta(hours=12) - NOW).total_seconds() / 3600
    engine = open_engine(f"sqlite:///{tmp_path}/paper.db")
    try:
        migrate(engine)
        newsroom = Newsroom(engine, tmp_path, "{morning: {digest: daily at 00:00}, best: {best: day}}")
        newsroom.prints("courier", "Ferry fares go up", text="<p>Crossing costs more.</p>", hours=hours)
        newsroom.prints("gazette", "Owl nests in clock tower", text="<p>Whisper.</p>", hours=hours)
    finally:
        engine.dispose()
    config = tmp_path / "aggregator.yaml"
    told = config.read_text("utf-8").replace("unused.db", f"{tmp_path}/paper.db")
    where = f"site: {{url: '{url}', timezone: Europe/London}}\nweb: {{listen: '127.0.0.1:{port}'}}\n"
    config.write_text(where + told, "utf-8")

    def issues(slug: str) -> bytes:
        body = program.get(f"/feeds/{slug}.json")[2]
        return body if orjson.loads(body)["items"] else b""

    with running(config, url) as program:
        digest = wait_until(lambda: issues("morning"), what="the issue of the morning")
        best = wait_until(lambda: issues("best"), what="the best of the day")
    (item,) = orjson.loads(digest)["items"]
    assert "Ferry fares" in item["content_html"]
    assert "Owl nests" in item["content_html"]
    assert len(orjson.loads(best)["items"]) == 2
    with running(config, url) as program:
        assert issues("morning") == digest
        assert issues("best") == best
