"""Each file in tests/data/feeds is read as the JSON beside it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator.parse.document import parse_document
from tests.parse.describe import describe

FEEDS = Path(__file__).parent.parent / "data" / "feeds"
CASES = sorted(path for path in FEEDS.iterdir() if path.suffix in {".xml", ".feed"})


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_feed_is_read_as_the_file_beside_it_says(path: Path) -> None:
    parsed = parse_document(path.read_bytes(), url=f"https://test.example/feeds/{path.name}", headers={})
    assert describe(parsed) == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def test_every_expectation_belongs_to_a_feed() -> None:
    stems = {path.stem for path in CASES}
    assert {path.stem for path in FEEDS.glob("*.json")} == stems
    assert len(stems) > 20


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_reading_twice_gives_the_same_digests(path: Path) -> None:
    body = path.read_bytes()
    first, second = (parse_document(body, url="https://test.example/", headers={}) for _ in range(2))
    assert first == second
    assert all(entry.digest and entry.key for entry in first.entries)
