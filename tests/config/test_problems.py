"""Every kind of mistake is named at its line and column, and all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config.load import load_configuration
from aggregator.errors import ConfigurationError
from tests.config.loading import complaints, load
from tests.config.mistakes import MISTAKES


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    content, problem = MISTAKES[name]
    assert complaints(tmp_path, content) == [f"aggregator.yaml:{problem}"]


def test_all_problems_come_at_once_in_file_order(tmp_path: Path) -> None:
    text = """\
site: {titel: x, language: en_GB}
sources:
  - {url: ftp://a.example/, name: A}
  - {url: http://b.example/, name: a, every: 5}
  - {url: http://b.example/, nmae: c, name: c}
  - {url: http://c.example/, url: http://d.example/}
topics:
  one: topic:two
  two: topic:one
  three: tag:nothing
feeds:
  all: {query: (a, limit: many}
"""
    assert [line.split(": ")[1] for line in complaints(tmp_path, text)] == [
        "site.titel",
        "site.language",
        "sources[0].url",
        "sources[1].name",
        "sources[1].every",
        "sources[2].url",
        "sources[2].nmae",
        "sources[3].url",
        "topics.one",
        "topics.three",
        "feeds.all.query",
        "feeds.all.limit",
    ]


def test_what_settings_need_is_told_beside_what_is_wrong_with_them(tmp_path: Path) -> None:
    text = """\
sources:
  - {nmae: A, every: 5}
  - {page: https://a.example/, items: 'div[', weight: heavy}
feeds:
  a: {digest: daily, best: week, ordr: top, aliases: [/x]}
  b: {aliases: [/x/, 7], max_age: soon}
newsletters: {n: {feed: c, schedule: never}}
web: {direct_database: 'postgres://h/d', processes: 0}
"""
    assert [line.split(": ")[1] for line in complaints(tmp_path, text)] == [
        "sources[0]",
        "sources[0].nmae",
        "sources[0].every",
        "sources[1].items",
        "sources[1].weight",
        "feeds.a",
        "feeds.a.ordr",
        "feeds.b.aliases[0]",
        "feeds.b.aliases[1]",
        "feeds.b.max_age",
        "newsletters",
        "newsletters.n.feed",
        "newsletters.n.schedule",
        "web.direct_database",
        "web.processes",
    ]


def test_same_list_behind_two_aliases_is_complained_of_at_each_path(tmp_path: Path) -> None:
    text = "sources:\n  - {url: http://a.example/, tags: &t [a b]}\n  - {url: http://b.example/, tags: *t}\n"
    assert [line.split(": ")[1] for line in complaints(tmp_path, text)] == [
        "sources[0].tags[0]",
        "sources[1].tags[0]",
    ]


def test_message_is_one_line_whatever_the_file_holds(tmp_path: Path) -> None:
    (line,) = complaints(tmp_path, 'site: {"a\\nb: forged": x}')
    assert line == "aggregator.yaml:1:8: site.a\\u000ab: forged: unknown key"


def test_thousands_of_problems_are_cut_and_counted(tmp_path: Path) -> None:
    lines = complaints(tmp_path, "site:\n" + "".join(f"  k{n}: x\n" for n in range(50_000)))
    assert len(lines) == 201
    assert lines[-1].endswith("and 49800 more problems from here on")


def test_missing_file_and_folder_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "aggregator.yaml").mkdir()
    with pytest.raises(ConfigurationError, match="this is no file"):
        load_configuration(tmp_path / "aggregator.yaml", {})
    with pytest.raises(ConfigurationError, match=r"there is no such file; `aggregator init` writes one"):
        load_configuration(tmp_path / "other.yaml", {})
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_configuration(Path("a\0b"), {})


def test_short_polls_are_fine_for_admitted_hosts(tmp_path: Path) -> None:
    text = """
fetch: {allow_private: [127.0.0.0/8, "[::1]:81", intranet.example:8080]}
sources:
  - {url: "http://127.0.0.1:5000/a", every: 1s}
  - {url: "http://localhost/b", every: 2s}
  - {url: "http://[::1]:81/c", every: 3s}
  - {url: "http://Intranet.example:8080/d", every: 4s}
"""
    assert [source.every_s for source in load(tmp_path, text).configuration.sources] == [1, 2, 3, 4]


def test_short_poll_of_another_port_is_refused(tmp_path: Path) -> None:
    text = 'fetch: {allow_private: ["127.0.0.1:80"]}\nsources: [{url: "http://127.0.0.1:81/", every: 1s}]'
    assert complaints(tmp_path, text)[0].startswith(
        "aggregator.yaml:2:48: sources[0].every: shorter than 60s"
    )
