"""Gate switches, rewrite rules and rule sets in the file: what they become, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.model import Gate, Replacement, Rewrite, RuleSet
from tests.config.loading import complaints, load

SOURCE = "sources:\n  - url: https://a.example/feed\n    tags: [uk]\n"


def test_gate_of_a_source_differs_from_the_defaults_only_where_it_says_so(tmp_path: Path) -> None:
    made = load(
        tmp_path,
        "defaults: {gate: {hold: 2h, burst: off}}\n"
        "sources:\n"
        "  - {url: https://a.example/feed, gate: {hold: 0s, edits: bump, future: hold}}\n"
        "  - url: https://b.example/feed\n",
    ).configuration
    assert [source.gate for source in made.sources] == [
        Gate(hold_s=0, edits="bump", future="hold", burst=False),
        Gate(hold_s=7200, burst=False),
    ]


def test_rewrite_rules_of_a_source_and_of_all(tmp_path: Path) -> None:
    made = load(
        tmp_path,
        SOURCE + "    rewrite: {drop: [.ad, 'p > a.share'], prefix: '{source}: ', truncate: 80}\n"
        "rewrites:\n"
        "  - name: Tidy\n"
        "    query: tag:uk\n"
        "    replace_title: [{pattern: '^BREAKING: ', replacement: ''}]\n"
        "    content: link\n"
        "  - {rights: All theirs}\n",
    ).configuration
    assert made.sources[0].rewrite == Rewrite(
        name="rewrite of its source", drop=(".ad", "p > a.share"), prefix="{source}: ", truncate=80
    )
    assert made.rewrites == (
        Rewrite(name="Tidy", query="tag:uk", replace_title=(Replacement("^BREAKING: "),), content="link"),
        Rewrite(name="rewrites[1]", rights="All theirs"),
    )


def test_rule_sets_are_called_by_name(tmp_path: Path) -> None:
    made = load(tmp_path, "rules: {no-sport: '-football'}\nfeeds: {all: {query: 'rule:no-sport'}}\n")
    assert made.configuration.rules == (RuleSet("no-sport", "-football"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules: {no-sport: '-x'}\nfeeds: {a: {query: 'rule:no-sprot'}}\n",
            "unknown rule set no-sprot; did you",
        ),
        ("rules: {a: 'rule:b', b: 'rule:a'}\n", "rule sets name each other in a circle: a -> b -> a"),
        ("rules: {a: 'rule:a'}\n", "rule sets name each other in a circle: a -> a"),
        (
            "rules: {r: 'topic:b'}\ntopics: {a: 'rule:r', b: 'topic:a'}\n",
            "topics name each other in a circle: a -> b -> a",
        ),
        ("rules: {a: 'one and two'}\n", "write AND in capitals"),
        ("rewrites: [{query: 'topic:nowhere'}]\n", "rewrites[0].query: unknown topic nowhere"),
        ("rewrites: [{drop: ['p >']}]\n", "no CSS selector"),
        ("rewrites: [{replace_title: [{pattern: '('}]}]\n", "cannot be used"),
        ("rewrites: [{replace_title: [{pattern: 'a', replacement: '\\1'}]}]\n", "names group 1"),
        ("rewrites: [{truncat: 3}]\n", "unknown key; did you mean truncate?"),
        (SOURCE + "    gate: {holds: 2h}\n", "unknown key; did you mean hold?"),
        (SOURCE + "    gate: {edits: loud}\n", "is not known here"),
        (SOURCE + "    rewrite: {query: 'tag:us'}\n", "unknown tag us"),
        ("web: {admin_token: secret}\n", "a token is 16 to 200"),
        ("web: {direct_database: 'sqlite:///a.db'}\n", "not the URL of a PostgreSQL"),
        ("web: {direct_database: 'postgresql://h/d'}\n", "only changes of a PostgreSQL"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in line and ":0:" not in line for line in complaints(tmp_path, text)), complaints(
        tmp_path, text
    )


def test_short_token_is_not_quoted(tmp_path: Path) -> None:
    assert all("hunter2" not in line for line in complaints(tmp_path, "web: {admin_token: hunter2}\n"))
