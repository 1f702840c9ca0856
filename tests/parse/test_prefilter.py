"""What the pre-filter leaves out is never missed: reading the rest gives what reading all gives."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.errors import ParseError
from aggregator.model import DocumentTrace, ParsedFeed
from aggregator.parse.charsets import to_text
from aggregator.parse.document import parse_document
from aggregator.parse.prefilter import cut, dump_trace, load_trace
from aggregator.parse.repair import fix_characters, strip_prolog
from aggregator.parse.xmlfeed import read_xml
from tests.corpus import CORPUS, needs_corpus

FEEDS = Path(__file__).resolve().parents[1] / "data" / "feeds"
URL = "https://paper.example/feed"
CONTENT = "http://purl.org/rss/1.0/modules/content/"


def rss(*items: str, head: str = "<link>https://paper.example/</link>", root: str = "") -> bytes:
    channel = f"<channel><title>P</title>{head}{''.join(items)}</channel>"
    return f'<rss version="2.0" xmlns:content="{CONTENT}"{root}>{channel}</rss>'.encode()


def item(number: int, text: str = "text") -> str:
    body = f"<title>T{number}</title><description>{text} {number}</description>"
    return f"<item><guid>urn:{number}</guid>{body}</item>"


def read(body: bytes, trace: DocumentTrace | None = None, url: str = URL) -> ParsedFeed:
    return parse_document(body, url=url, headers={}, trace=trace)


def trace_of(body: bytes) -> DocumentTrace:
    trace = read(body).trace
    assert trace is not None
    return trace


def titles(parsed: ParsedFeed) -> list[str]:
    return [entry.title for entry in parsed.entries]


def test_only_new_and_changed_entries_are_read() -> None:
    before = trace_of(rss(item(2), item(1)))
    after = read(rss(item(3), item(2, "edited"), item(1)), before)
    assert titles(after) == ["T3", "T2"]
    assert after.unchanged == ("urn:1",)
    assert after.trace == trace_of(rss(item(3), item(2, "edited"), item(1)))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(item(3), item(1), root=' xml:base="https://other.example/"'), id="another base"),
        pytest.param(rss(item(3), item(1), root=' xml:lang="de"'), id="another language"),
        pytest.param(rss(item(3), item(1), head="<link>https://moved.example/</link>"), id="another page"),
        pytest.param(
            rss(item(3), item(1), head="<managingEditor>a@b.example (A)</managingEditor>"), id="an author"
        ),
        pytest.param(b"<!DOCTYPE rss>" + rss(item(3), item(1)), id="a document type"),
        pytest.param(rss(item(3), item(1), "<item><title>no id</title></item>"), id="an entry without id"),
        pytest.param(rss(item(3), item(1), item(1, "twice")), id="an id twice"),
        pytest.param(rss(item(1), item(1), item(3)), id="an entry twice"),
        pytest.param(rss(item(3), item(1)).replace(b"</rss>", b""), id="cut off"),
        pytest.param(
            rss(item(3), item(1), "<item><guid>x</guid><title>a & b</title></item>"), id="not well-formed"
        ),
    ],
)
def test_whatever_is_odd_is_read_as_a_whole(body: bytes) -> None:
    assert read(body, trace_of(rss(item(2), item(1)))) == read(body)


def test_another_address_reads_everything() -> None:
    body = rss(item(2), item(1))
    assert not read(body, trace_of(body), url="https://elsewhere.example/feed").unchanged


def test_a_declared_namespace_keeps_its_entry_read() -> None:
    odd = '<item xmlns:dc="http://purl.org/dc/elements/1.1/"><guid>o</guid><dc:title>O</dc:title></item>'
    body = rss(odd, item(1))
    assert titles(read(body, trace_of(body))) == ["O"]


def test_nothing_new_reads_no_entry() -> None:
    body = rss(item(2), item(1))
    assert read(body.replace(b"<title>P<", b"<title>Q<"), trace_of(body)).entries == ()


def test_a_trace_is_stored_and_read_back() -> None:
    trace = trace_of(rss(item(2), item(1)))
    assert load_trace(dump_trace(trace)) == trace
    assert load_trace(b"") is None
    assert load_trace(b"[1]") is None


def picks(trace: DocumentTrace, chance: random.Random) -> Iterator[DocumentTrace]:
    """All entries known, all but the first, all but one in the middle, about half of them."""
    rows = trace.entries
    for left_out in (set(), {0}, {len(rows) // 2}, {n for n in range(len(rows)) if chance.random() < 0.5}):
        yield replace(trace, entries=tuple(row for n, row in enumerate(rows) if n not in left_out))


@needs_corpus
@pytest.mark.corpus
def test_reading_the_rest_equals_reading_all_over_the_corpus() -> None:
    """A quarter of it; all of it in `make corpus`."""
    step = 1 if os.environ.get("AGGREGATOR_WHOLE_CORPUS") else 4
    chance = random.Random(20260303)
    spared = 0
    for path in sorted(CORPUS.rglob("*"))[::step]:
        if (
            not path.is_file()
            or path.stat().st_size > 1_000_000
            or b"<" not in (body := path.read_bytes())[:2000]
        ):
            continue
        try:
            whole = read(body)
        except ParseError:
            continue
        for known in picks(whole.trace, chance) if whole.trace else ():
            part = read(body, known)
            spared += bool(part.unchanged)
            rest = tuple(entry for entry in whole.entries if entry.key not in part.unchanged)
            again = replace(part, entries=whole.entries, unchanged=(), warnings=whole.warnings)
            assert (part.entries, again) == (rest, whole), path
    assert spared > 800 / step


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*.xml")), ids=lambda path: path.name)
def test_reading_finds_the_entries_where_the_search_for_known_ones_does(path: Path) -> None:
    text = fix_characters(strip_prolog(to_text(path.read_bytes(), {})[0]))
    try:
        raw = read_xml(text)
    except ParseError:
        pytest.skip("no feed")
    if not raw.warnings:
        assert raw.cut == cut(text)


def test_a_second_title_behind_an_entry_names_no_feed_whether_the_entry_is_read_or_not() -> None:
    body = rss(item(2), "<title>Another</title>", item(1))
    assert read(body).info.title == read(body, trace_of(rss(item(2)))).info.title == "P"
