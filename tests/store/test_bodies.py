"""Stored entries come back as they were, by the quick way as by the careful one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Category, Enclosure, Entry, Link, Origin, Person, Podcast
from aggregator.query.wording import wording_of
from aggregator.store.articles.bodies import entry_adapter, pack, read_entry, unpack
from aggregator.store.types import dump

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)
MAYBE = st.none() | TEXT
MOMENT = st.none() | st.integers(10**9, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC))


def tuples(kind: type[Any], *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.builds(kind, *parts), max_size=3).map(tuple)


ENTRIES = st.builds(
    Entry,
    id=TEXT,
    key=TEXT,
    title=TEXT,
    link=MAYBE,
    links=tuples(Link, TEXT, TEXT, MAYBE, MAYBE),
    authors=tuples(Person, TEXT, MAYBE, MAYBE),
    published=MOMENT,
    updated=MOMENT,
    summary=TEXT,
    content=TEXT,
    categories=tuples(Category, TEXT, MAYBE, MAYBE),
    enclosures=tuples(Enclosure, TEXT, MAYBE, st.none() | st.integers(0, 2**40), MAYBE),
    podcast=st.none() | st.builds(Podcast, duration_s=st.none() | st.integers(0, 9999)),
    origin=st.none() | st.builds(Origin, title=TEXT, updated=MOMENT),
    words=st.integers(0, 10_000),
)


@given(ENTRIES)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert unpack(pack(entry)) == entry
    raw = dump(entry_adapter(), entry)
    assert read_entry(raw) == entry_adapter().validate_json(raw) == entry


def test_words_are_not_stored() -> None:
    entry = Entry(key="k", title="Rates", content="<p>rates rise \x00</p>")
    carrying = replace(entry, wording=wording_of(entry))
    assert pack(carrying) == pack(entry)
    assert unpack(pack(carrying)).wording is None


def test_moments_come_back_aware() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    found = unpack(pack(Entry(key="k", published=moment))).published
    assert found == moment
    assert found is not None
    assert found.utcoffset() == timedelta(0)
