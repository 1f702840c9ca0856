"""A real daemon against captured feeds of the wild: every entry stored once, then only 304s."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import feedparser
import pytest

from tests.corpus import captured_feeds, count_entries, needs_corpus
from tests.origin import Origin, document
from tests.running import free_port, json_lines, printed, running, wait_until

#: feeds that are polled
MOST = 110
CONFIG = """
site: {{title: Corpus, url: "http://127.0.0.1:{port}"}}
web: {{listen: "127.0.0.1:{port}"}}
database: sqlite:///corpus.db
fetch: {{allow_private: ["{at}"], per_host: 16}}
defaults: {{every: 1s, initial_items: 1000}}
feeds: {{everything: {{query: "", limit: 100}}}}
sources:
"""


@pytest.mark.corpus
@needs_corpus
@pytest.mark.timeout(300)
def test_every_entry_of_captured_feeds_is_stored_once_and_the_next_round_is_all_304(tmp_path: Path) -> None:
    expected: dict[str, int] = {}
    port = free_port()
    with Origin() as origin:
        lines = [CONFIG.format(port=port, at=origin.at)]
        for number, path in enumerate(_readable(captured_feeds())):
            body = path.read_bytes()
            url = origin.on(f"/{number}.xml", document(body, etag=f'"{number}"'))
            lines.append(f"  - {{url: '{url}', name: s{number}}}\n")
            expected[f"s{number}"] = count_entries(body)
        config = tmp_path / "corpus.yaml"
        config.write_text("".join(lines), "utf-8")
        assert len(expected) >= 100
        with running(config, f"http://127.0.0.1:{port}") as program:
            everything = [f"/{number}.xml" for number in range(len(expected))]
            wait_until(
                lambda: all(len(origin.seen(path)) >= 2 for path in everything),
                timeout_s=120,
                what="two rounds",
            )
            assert program.get("/feeds/everything.atom")[0] == 200
            assert program.stop() == 0
        second = [origin.seen(path)[1] for path in everything]
        assert all(seen.header("if-none-match") for seen in second)
    stored = Counter(row["source"] for row in json_lines(config, "articles"))
    assert {name: stored[name] for name in expected} == expected
    assert "failing" not in printed(config, "status")


def _readable(paths: list[Path]) -> list[Path]:
    """Feeds that are feeds, and whose publisher gave every entry an identity of its own."""
    chosen = []
    for path in paths:
        read = feedparser.parse(io.BytesIO(path.read_bytes()))
        ids = {entry.get("id") or entry.get("link") for entry in read.entries}
        if read.entries and None not in ids and len(ids) == count_entries(path.read_bytes()):
            chosen.append(path)
        if len(chosen) == MOST:
            break
    return chosen
