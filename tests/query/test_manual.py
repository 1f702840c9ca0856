"""The manual of the query language holds: every example is read as it says, every field is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator.errors import QueryError
from aggregator.model import Entry, Source
from aggregator.query.document import Document
from aggregator.query.fields import FIELDS, PARTS
from aggregator.query.glossary import Glossary
from aggregator.query.match import compile_query
from aggregator.query.parse import parse_query

MANUAL = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
EXAMPLES = [
    example
    for example in re.findall(r"`([^`]+)`", MANUAL)
    if not example.endswith(":") and example not in ("?q=", "^", "~", "aggregator search")
]
REFUSED = {"rent or mortgage"}
#: no query by itself: parts of ranges
PARTIAL = {"[300 TO 900]", "{300 TO 900}"}
GLOSSARY = Glossary({"no-sport": parse_query("-football")})


def titled(text: str) -> Document:
    return Document(Entry(title=text), Source(url="http://x/"))


@pytest.mark.parametrize("example", sorted(set(EXAMPLES) - REFUSED - PARTIAL))
def test_example_of_the_manual_is_a_query(example: str) -> None:
    compile_query(GLOSSARY.expand(parse_query(example)))(titled(""))


@pytest.mark.parametrize("example", sorted(REFUSED))
def test_example_of_a_mistake_is_refused(example: str) -> None:
    assert example in MANUAL
    with pytest.raises(QueryError):
        parse_query(example)


def test_manual_names_every_field_that_can_be_used() -> None:
    assert {field for field in FIELDS if f"`{field}:`" in MANUAL} == set(FIELDS)
    assert ", ".join(sorted(PARTS)) in MANUAL


def test_precedence_is_as_the_manual_says() -> None:
    short, long = "rent OR mortgage -london", "(rent OR mortgage) AND NOT london"
    assert f"`{short}`" in MANUAL
    assert f"`{long}`" in MANUAL
    assert parse_query(short) == parse_query(long)


@pytest.mark.parametrize(
    ("query", "text"),
    [("cafe", "Café"), ("king", "King’s"), ("経済", "日本経済新聞"), ("covid-19", "Covid 19")],
)
def test_words_find_what_the_manual_says(query: str, text: str) -> None:
    assert compile_query(parse_query(query))(titled(text)) is not None
    assert compile_query(parse_query("port"))(titled("report")) is None
