"""A reading that crossed between processes is the reading that it was."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from aggregator.errors import ParseError
from aggregator.parse.reading import read_document
from aggregator.parse.slim import pickled

FEEDS = Path(__file__).resolve().parents[1] / "data" / "feeds"


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*.xml")), ids=lambda path: path.name)
def test_nothing_is_lost_between_processes(path: Path) -> None:
    try:
        parsed = read_document(path.read_bytes(), url="https://test.example/feed", headers={})
    except ParseError:
        pytest.skip("no feed")
    arrived = pickle.loads(pickled(parsed))
    assert arrived == parsed
    assert repr(arrived) == repr(parsed)
    for name in ("wording", "packed"):
        assert [getattr(one, name) for one in arrived.entries] == [
            getattr(one, name) for one in parsed.entries
        ]
