"""What an entry carries of its words is what its texts say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Entry, Source
from aggregator.query.document import Document
from aggregator.query.match import compile_query
from aggregator.query.parse import parse_query
from aggregator.query.sketch import dump_sketch, sketch_of
from aggregator.query.text import plain_text
from aggregator.query.wording import fingerprint, sketch, worded, wording_of

SOURCE = Source(url="https://paper.example/feed")
PIECES = st.sampled_from(
    ["rates", "Rates", "Café", "<p>", "</p>", "<b>ra</b>tes", "&amp;", "\u6771\u4eac", "King's", "19", "-"]
)
TEXT = st.lists(PIECES, max_size=8).map(" ".join)
ENTRIES = st.builds(Entry, key=st.just("k"), title=TEXT, summary=TEXT, content=TEXT)
QUERIES = ["rates", "title:cafe", '"king s 19"', "kin*", "/19/", "rates NOT cafe", "\u6771\u4eac"]


@given(ENTRIES)
def test_an_entry_that_carries_its_words_is_judged_as_one_that_does_not(entry: Entry) -> None:
    carrying, bare = worded(replace(entry)), Document(entry, SOURCE)
    document = Document(carrying, SOURCE)
    assert document.vocabulary == bare.vocabulary
    assert (fingerprint(carrying), wording_of(carrying)) == (fingerprint(entry), wording_of(entry))
    assert sketch(carrying) == sketch(entry)
    for query in QUERIES:
        matcher = compile_query(parse_query(query))
        assert matcher(document) == matcher(bare)


def test_the_fingerprint_leaves_out_the_summary_where_there_is_a_content() -> None:
    entry = Entry(key="k", title="Rates", summary="in short", content="<p>at length</p>")
    assert (
        fingerprint(entry)
        == fingerprint(replace(entry, summary=""))
        != fingerprint(replace(entry, content=""))
    )
    assert wording_of(entry).vocabulary == "rates at length in short"


@pytest.mark.parametrize(
    ("summary", "content", "words"),
    [
        ("", "", 0),
        ("<p></p>", "", 0),
        ("one", "", 1),
        ("one two three four", "<p>one two</p><p>three</p>", 4),
        ("one", "<p>one <a>two</a></p><p>three-and</p>", 3),
        # every character of a script without blanks, and the run of them
        ("\u6f22\u5b57", "", 3),
        ("", "<b>a</b>\u3000\u6f22\u5b57 b", 5),
        ("", "caf\u00e9 d'\u00e9t\u00e9 &amp; plus", 4),
    ],
)
def test_the_words_of_the_fuller_text_are_counted(summary: str, content: str, words: int) -> None:
    assert worded(Entry(key="k", summary=summary, content=content)).words == words


def test_an_entry_without_words_has_no_fingerprint() -> None:
    assert fingerprint(Entry(key="k", title="!", content="<hr>")) == ""


@given(ENTRIES)
def test_stories_know_an_entry_by_its_headline_and_summary_or_else_its_text(entry: Entry) -> None:
    lead = plain_text(entry.summary or entry.content)
    assert sketch(entry) == dump_sketch(sketch_of(entry.title, lead))
