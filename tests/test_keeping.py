"""backup, restore, move and forget as an operator calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.errors import StoreBusy
from aggregator.store.engine import open_engine
from aggregator.store.only_worker import own_worker
from tests.origin import Origin, document
from tests.running import aggregator, json_lines, printed

FEED = (
    b'<rss version="2.0"><channel><title>Paper</title><link>http://paper.example/</link>'
    b"<item><guid>1</guid><title>One</title></item><item><guid>2</guid><title>Two</title></item></channel></rss>"
)


def write(config: Path, origin: Origin, database: str) -> Path:
    config.write_text(
        f"database: sqlite:///{database}\nfetch: {{allow_private: ['{origin.at}']}}\n"
        f"sources: [{{url: '{origin.url('/feed')}', name: paper}}]\nfeeds: {{all: {{query: ''}}}}\n"
    )
    return config


def test_a_store_is_backed_up_restored_and_moved_with_the_same_bytes(tmp_path: Path) -> None:
    with Origin() as origin:
        origin.on("/feed", document(FEED))
        config = write(tmp_path / "paper.yaml", origin, "one.db")
        aggregator(config, "poll", "--all")
        before = printed(config, "render", "feeds/all.atom")
        assert before.count("<entry") == 2
        assert "Wrote" in printed(config, "backup", str(tmp_path / "paper.backup"))
        other = write(tmp_path / "other.yaml", origin, "two.db")
        printed(other, "restore", str(tmp_path / "paper.backup"))
        assert printed(other, "render", "feeds/all.atom") == before
        said = printed(config, "move", f"sqlite:///{tmp_path}/three.db")
        assert "database: sqlite:///" in said
        third = write(tmp_path / "third.yaml", origin, "three.db")
        assert printed(third, "render", "feeds/all.atom") == before

        assert "nothing is overdue" in printed(config, "doctor")
        printed(config, "forget", "paper", "--yes")
        assert json_lines(config, "articles") == []
        aggregator(config, "poll", "--all")
        assert json_lines(config, "articles") == []


def test_a_store_is_not_moved_under_a_running_worker(tmp_path: Path) -> None:
    with Origin() as origin:
        config = write(tmp_path / "paper.yaml", origin, "one.db")
        aggregator(config, "poll", "--all", code=None)
        engine = open_engine(f"sqlite:///{tmp_path}/one.db")
        with own_worker(engine), pytest.raises(StoreBusy, match="stop it first"):
            printed(config, "move", f"sqlite:///{tmp_path}/two.db")
        assert "Copied" in printed(config, "move", f"sqlite:///{tmp_path}/two.db")
        engine.dispose()
