"""Frozen values are read back from their JSON as they were, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from aggregator.config.file import load
from aggregator.model import Configuration, FeedInfo, Hints, Person, Source
from aggregator.model.json_values import as_json, reader_of

NOW = datetime(2026, 11, 23, 5, 4, 3, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lone:
    """A kind with a single field."""

    name: str = ""


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (FeedInfo(), {}),
        (FeedInfo(title="Thé", updated=NOW), {"title": "Thé", "updated": "2026-11-23T05:04:03.000020Z"}),
        (FeedInfo(authors=(Person("Ada"),)), {"authors": [{"name": "Ada"}]}),
        (
            FeedInfo(hints=Hints(ttl_s=60.0, skip_hours=frozenset({3}))),
            {"hints": {"ttl_s": 60.0, "skip_hours": [3]}},
        ),
        (
            Source(url="u", fields=(("title", ("h1", "h2")),), tags=("a",)),
            {"url": "u", "fields": [["title", ["h1", "h2"]]], "tags": ["a"]},
        ),
        (Lone("x"), {"name": "x"}),
    ],
)
def test_a_value_holds_what_is_not_at_its_default(value: object, stored: object) -> None:
    assert orjson.loads(as_json(value)) == stored
    assert reader_of(type(value))(as_json(value)) == value


@pytest.mark.parametrize("path", sorted(Path("config").glob("*.yaml")), ids=lambda path: path.name)
def test_a_configuration_is_read_back_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")
    configuration = load(path.absolute()).configuration
    assert reader_of(Configuration)(as_json(configuration)) == configuration


def test_what_no_database_stores_is_left_out() -> None:
    dirty = FeedInfo(title="a\x00b", subtitle="\udc80", authors=(Person("\x00"),), hints=Hints(ttl_s=1.5))
    clean = FeedInfo(title="ab", authors=(Person(""),), hints=Hints(ttl_s=1.5))
    assert reader_of(FeedInfo)(as_json(dirty)) == clean


def test_a_field_that_is_no_more_is_passed_over() -> None:
    assert reader_of(Lone)('{"name": "x", "surname": "y"}') == Lone("x")
