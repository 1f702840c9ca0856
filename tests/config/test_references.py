"""Queries in the configuration: those that cannot be read, and those that name what is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.loading import complaints, load

SOURCES = """\
sources:
  - {url: https://a.example/feed, name: The Évening Post, tags: [London, free-licence]}
  - {url: https://b.example/feed, id: wire}
  - {url: https://www.c.example/feed}
topics:
  economy: inflation
feeds:
"""

KNOWN = (
    'source:"The Evening Post"',
    "source:the-evening-post",
    "source:wire",
    "source:c-example",
    "source:nobody*",
    "source:desk",
    "tag:london",
    "tag:LONDON",
    "tag:free-licence",
    "topic:economy",
    "",
)

#: query -> problem, where the query begins at line 9, column 12
UNKNOWN = {
    "tag:lundon": "9:12: feeds.x.query: unknown tag lundon; did you mean london?",
    "a OR tag:zzz": "9:17: feeds.x.query: unknown tag zzz",
    "topic:econmy": "9:12: feeds.x.query: unknown topic econmy; did you mean economy?",
    "source:evening-post": "9:12: feeds.x.query: unknown source evening-post; did you mean the-evening-post?",
    'word source:"Wired"': "9:17: feeds.x.query: unknown source wired; did you mean wire?",
    "tag:(london zzz)": "9:12: feeds.x.query: unknown tag zzz",
    "NOT -tag:zzz": "9:17: feeds.x.query: unknown tag zzz",
}


@pytest.mark.parametrize("query", KNOWN)
def test_known_names_are_accepted(tmp_path: Path, query: str) -> None:
    made = load(tmp_path, f"{SOURCES}  x: {{query: '{query}'}}\n").configuration
    assert made.feeds[0].query == query


@pytest.mark.parametrize("query", UNKNOWN)
def test_unknown_name_is_pointed_at_with_the_nearest(tmp_path: Path, query: str) -> None:
    lines = complaints(tmp_path, f"{SOURCES}  x:\n    query: {query}\n")
    assert lines == [f"aggregator.yaml:{UNKNOWN[query]}"]


def test_unreadable_query_is_pointed_at_where_reading_stopped(tmp_path: Path) -> None:
    (line,) = complaints(tmp_path, "topics:\n  t: one and two\n")
    assert line.startswith("aggregator.yaml:2:10: topics.t: write AND in capitals")
    (line,) = complaints(tmp_path, "feeds:\n  f: {query: 'a colour:red'}\n")
    assert line.startswith('aggregator.yaml:2:17: feeds.f.query: there is no field "colour"')


def test_query_on_several_lines_is_pointed_at_its_beginning(tmp_path: Path) -> None:
    (line,) = complaints(tmp_path, "topics:\n  t: >-\n    one\n    and two\n")
    assert line.startswith("aggregator.yaml:2:6: topics.t: write AND in capitals")


def test_topics_in_a_circle_are_named_once(tmp_path: Path) -> None:
    text = """\
topics:
  a: x topic:b
  b: topic:c
  c: {query: 'topic:a OR topic:d'}
  d: topic:d
  e: topic:a
"""
    assert complaints(tmp_path, text) == [
        "aggregator.yaml:2:8: topics.a: topics name each other in a circle: a -> b -> c -> a",
        "aggregator.yaml:5:6: topics.d: topics name each other in a circle: d -> d",
    ]


def test_topics_may_build_on_each_other(tmp_path: Path) -> None:
    text = "topics:\n  a: topic:b OR topic:c\n  b: topic:c\n  c: x\n"
    assert len(load(tmp_path, text).configuration.topics) == 3


def test_long_chain_of_topics_is_no_circle(tmp_path: Path) -> None:
    text = "topics:\n" + "".join(f"  t{n}: topic:t{n + 1}\n" for n in range(2000)) + "  t2000: x\n"
    assert len(load(tmp_path, text).configuration.topics) == 2001


def test_query_beyond_the_limits_is_refused(tmp_path: Path) -> None:
    (line,) = complaints(tmp_path, f"topics:\n  t: {'a' * 1001}\n")
    assert line.startswith("aggregator.yaml:2:")
    (line,) = complaints(tmp_path, f"topics:\n  t: {'(' * 500}a{')' * 400}\n")
    assert "topics.t" in line
