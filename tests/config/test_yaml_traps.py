"""What YAML would do behind a person's back, and does not do here."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import yamlread
from tests.config.loading import complaints, load

TRAPS = {
    "an empty file": ("", "1:1: the file is empty; `aggregator init` writes one to start from"),
    "a file of comments": (
        "# nothing\n",
        "1:1: the file is empty; `aggregator init` writes one to start from",
    ),
    "text instead of settings": (
        "hello",
        "1:1: expected a section of keys, found 'hello'; "
        "`aggregator import` turns the lists of other programs into such a file",
    ),
    "a list instead of settings": ("- a\n- b\n", "1:1: expected a section of keys, found a list"),
    "a tab as indentation": ("site:\n\ttitle: x\n", "2:1: a tab cannot indent YAML; use spaces"),
    "a second document": (
        "site: {}\n---\nweb: {}\n",
        "2:1: a second document begins here; a configuration is one",
    ),
    "a key twice": ("site:\n  title: a\n  title: b\n", "3:3: site.title: this key is already on line 2"),
    "a section twice": ("site: {}\nweb: {}\nsite: {}\n", "3:1: site: this key is already on line 1"),
    "an object tag": (
        "site:\n  title: !!python/object:os.system x\n",
        "2:10: site.title: tags such as !!python/name are not read; remove the tag",
    ),
    "an ordinary tag": (
        "site:\n  title: !!str x\n",
        "2:10: site.title: tags such as !!python/name are not read; remove the tag",
    ),
    "a merge key": (
        "site: &s {title: a}\nfeeds:\n  x:\n    <<: *s\n",
        "4:5: feeds.x: merge keys (<<) are not read; write the settings out",
    ),
    "an alias inside what it names": (
        "sources: &a\n  - *a\n",
        "2:5: sources[0]: the alias *a stands inside what it names",
    ),
    "an alias of nothing": (
        "sources: *a\n",
        "1:10: sources: the alias *a names nothing above it; a text that begins with * needs quotes",
    ),
    "an exclamation mark without quotes": (
        "site:\n  title: !Hello\n",
        "2:10: site.title: tags such as !!python/name are not read; remove the tag; a text that begins with "
        "! needs quotes",
    ),
    "a pattern between double quotes": (
        'topics: {years: "/\\d+/"}\n',
        "1:19: not valid YAML: found unknown escape character (while parsing a quoted scalar); in "
        "double quotes a backslash begins an escape; single quotes take it as it stands",
    ),
    "an apostrophe, and a placeholder that is well": (
        "site: {title: 'Tom's', contact: '${CONTACT:-a@b.example}'}\n",
        "1:20: not valid YAML: did not find expected ',' or '}' (while parsing a flow mapping); either the "
        "bracket is not closed, or a text inside with [ ] { } or ' needs quotes",
    ),
    "a list as a key": ("? [a]\n: b\n", "1:3: a key must be plain text"),
    "a control character": (
        "site:\n  title: a\x01b\n",
        "2:11: the character U+0001 may not stand in YAML; remove it",
    ),
    "an escaped NUL": (
        'site:\n  title: "a\\0b"\n',
        "2:10: site.title: the text holds the control character U+0000; remove it",
    ),
    "Latin-1": (b"site:\n  title: caf\xe9\n", "2:13: this is not UTF-8 text; save the file as UTF-8"),
    "UTF-16": ("site: {}".encode("utf-16"), "1:1: this is not UTF-8 text; save the file as UTF-8"),
    "a placeholder bare inside braces": (
        "web: {listen: ${LISTEN}}\n",
        "1:16: not valid YAML: did not find expected ',' or '}' (while parsing a flow mapping); "
        "inside { } put quotes around ${…}",
    ),
    "a title with a colon": (
        "site:\n  title: News: all\n",
        "2:14: not valid YAML: mapping values are not allowed in this context; look how the line is "
        "indented; a text with a colon and a blank in it needs quotes",
    ),
    "a line too far left": (
        "site:\n  title: A\n tagline: B\n",
        "3:2: not valid YAML: did not find expected key (while parsing a block mapping that begins at 1:1); "
        "look how the line is indented; a text that begins with a quotation mark ends at the next one",
    ),
    "an open quotation mark": (
        'site:\n  title: "A\n  tagline: B\n',
        "4:1: not valid YAML: found unexpected end of stream (while scanning a quoted scalar that begins at "
        "2:10)",
    ),
    "a star without quotes": (
        "topics: {all: *}\n",
        "1:16: not valid YAML: did not find expected alphabetic or numeric character (while scanning an "
        "alias); a text with * or & before it needs quotes",
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_trap_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    content, problem = TRAPS[name]
    assert complaints(tmp_path, content) == [f"aggregator.yaml:{problem}"]


def test_words_that_yaml_reads_as_something_else_stay_as_typed(tmp_path: Path) -> None:
    text = """
site: {title: 12:30, tagline: 2024-01-01, language: no}
sources:
  - {url: https://a.example/, name: on, tags: [no, off, yes, 1_000], rights: 0o17}
topics: {no: on, y: n}
"""
    made = load(tmp_path, text).configuration
    assert (made.site.title, made.site.tagline, made.site.language) == ("12:30", "2024-01-01", "no")
    assert (made.sources[0].name, made.sources[0].tags) == ("on", ("1_000", "no", "off", "yes"))
    assert made.sources[0].rights == "0o17"
    assert [(topic.slug, topic.query) for topic in made.topics] == [("no", "on"), ("y", "n")]


def test_octal_sexagesimal_and_float_are_no_numbers(tmp_path: Path) -> None:
    text = (
        "web: {processes: 010}\nfetch: {per_host: 1:30, concurrency: 4.0}\ndefaults: {initial_items: 0x10}\n"
    )
    assert complaints(tmp_path, text) == [
        "aggregator.yaml:1:18: web.processes: a number has no leading zeros: write 10",
        "aggregator.yaml:2:19: fetch.per_host: expected a whole number, found '1:30'",
        "aggregator.yaml:2:38: fetch.concurrency: expected a whole number, found '4.0'",
        "aggregator.yaml:3:27: defaults.initial_items: expected a whole number, found '0x10'",
    ]


def test_byte_order_mark_is_no_trouble_and_moves_no_column(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbfsite: {title: A}\n").configuration.site.title == "A"
    assert complaints(tmp_path, b"\xef\xbb\xbfsita: {}\n") == [
        "aggregator.yaml:1:1: sita: unknown key; did you mean site?"
    ]


def test_alias_is_read_where_it_ends(tmp_path: Path) -> None:
    text = """
sources:
  - {url: https://a.example/, tags: &tags [one, two]}
  - {url: https://b.example/, tags: *tags}
"""
    assert load(tmp_path, text).configuration.sources[1].tags == ("one", "two")


def test_aliases_of_aliases_end_at_the_limit_of_values(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    problem = complaints(tmp_path, "\n".join(lines))[-1]
    assert problem.endswith("more than 500,000 values, aliases counted every time")
    assert problem.startswith("aggregator.yaml:6:")


@pytest.mark.parametrize("part", ["[", "{", "{a: ", "- ", "? ", "[{a: "])
def test_endless_nesting_ends_at_the_limit_of_depth(tmp_path: Path, part: str) -> None:
    text = part * (1_000_000 // len(part))
    assert complaints(tmp_path, text)[-1].endswith("more than 30 levels deep")


def test_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    assert complaints(tmp_path, b"#" * (yamlread.MAX_BYTES + 1)) == [
        "aggregator.yaml:1:1: the file is larger than 4 MB"
    ]
