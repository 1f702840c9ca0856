"""Full texts as the running program reads them, and as the configuration asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.full_texts.reading import HTML, page
from tests.origin import Origin, Reply, document, redirect
from tests.running import free_port, json_lines, running, wait_until


def test_the_daemon_reads_pages_in_the_background(origin: Origin, tmp_path: Path) -> None:
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>{name}</title>"
        f"<link>{origin.url('/' + name)}</link><description>In short, {name}.</description></item>"
        for name in ("open", "closed", "broken", "inside", "evil")
    )
    feed = f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>"
    origin.on("/feed", document(feed.encode(), etag='"1"'))
    origin.on("/robots.txt", Reply(200, (), b"User-agent: *\nDisallow: /closed"))
    origin.on("/open", page("schooner"))
    origin.on("/closed", page("frigate"))
    origin.on("/broken", Reply(500))
    origin.on("/inside", redirect("http://127.0.0.1:1/secret"))
    script = b"<script>alert(1)</script><p onclick='alert(2)'>"
    origin.on("/evil", Reply(200, HTML, page("galleon").body.replace(b"<p>", script, 2)))
    port = free_port()
    config = tmp_path / "aggregator.yaml"
    config.write_text(
        f"site: {{title: T, url: 'http://127.0.0.1:{port}'}}\nweb: {{listen: '127.0.0.1:{port}'}}\n"
        f"database: sqlite:///a.db\nfetch: {{allow_private: ['{origin.at}']}}\nfeeds: {{all: {{}}}}\n"
        f"sources:\n  - {{url: '{origin.url('/feed')}', name: Paper, content: full-text}}\n",
        "utf-8",
    )
    with running(config, f"http://127.0.0.1:{port}") as program:

        def texts() -> dict[str, str]:
            found = json.loads(program.get("/feeds/all.json")[2])["items"]
            return {item["title"]: item.get("content_html", "") for item in found}

        def settled() -> dict[str, Any] | None:
            (state,) = json_lines(config, "status")
            told = state["full_texts"] or {}
            return told if (told.get("read"), told.get("given_up")) == (2, 2) else None

        wait_until(lambda: "schooner" in texts().get("open", ""), timeout_s=90, what="the full text")
        wait_until(lambda: "galleon" in texts().get("evil", ""), timeout_s=60, what="the hostile page")
        told = wait_until(settled, timeout_s=60, what="what cannot be read")
        shown = texts()
        explained = json_lines(config, "explain", origin.url("/broken"))
        status = program.get("/status")[2].decode()
        counted = program.get("/metrics")[2].decode()
    assert "alert" not in shown["evil"]
    assert {name: shown[name] for name in ("closed", "broken", "inside")} == {
        "closed": "In short, closed.",
        "broken": "In short, broken.",
        "inside": "In short, inside.",
    }
    assert origin.seen("/closed") == []
    assert len(origin.seen("/robots.txt")) == 1
    assert len(origin.seen("/broken")) == 1
    assert told is not None
    assert told["waiting"] == 1
    assert "500" in explained[0]["full_text"]
    assert "2 full texts read, 1 waited for, 2 given up" in status
    assert 'aggregator_page_texts_total{outcome="ok"} 2.0' in counted


def test_a_configuration_without_the_extra_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aggregator.config import sources
    from aggregator.config.load import load_configuration
    from aggregator.errors import ConfigurationError

    path = tmp_path / "a.yaml"
    path.write_text("sources:\n  - {url: https://a.example/feed, content: full-text}\n", "utf-8")
    (source,) = load_configuration(path).configuration.sources
    assert (source.content, source.full_text) == ("full", True)
    monkeypatch.setattr(sources, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r":2:.*feed-aggregator\[fulltext\]"):
        load_configuration(path)
