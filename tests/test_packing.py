"""Stored entries come back as they were, and without what no database stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    Link,
    Origin,
    Participant,
    Person,
    Podcast,
    Transcript,
    completed,
)
from aggregator.model.packing import pack, unpack
from aggregator.query.wording import wording_of

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
    podcast=st.none()
    | st.builds(
        Podcast,
        duration_s=st.none() | st.integers(0, 9999),
        transcripts=tuples(Transcript, TEXT, MAYBE),
        people=tuples(Participant, TEXT, MAYBE),
        alternates=tuples(Enclosure, TEXT, MAYBE),
    ),
    origin=st.none() | st.builds(Origin, title=TEXT, updated=MOMENT, authors=tuples(Person, TEXT, MAYBE)),
    words=st.integers(0, 10_000),
)


@given(ENTRIES)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert unpack(pack(entry)) == entry


def test_words_are_not_stored() -> None:
    entry = Entry(key="k", title="Rates", content="<p>rates rise \x00</p>")
    carrying = replace(entry, wording=wording_of(entry))
    assert pack(carrying) == pack(entry)
    assert unpack(pack(carrying)).wording is None


def test_what_no_database_stores_is_left_out() -> None:
    entry = Entry(
        key="k", title="Ra\ud800tes", rights="\x00", authors=(Person(name="A\x00nn", email="\x00"),)
    )
    assert unpack(pack(entry)) == Entry(key="k", title="Rates", rights="", authors=(Person("Ann", ""),))
    assert pack(replace(entry, title="\x00", rights=None)) == pack(
        Entry(key="k", authors=(Person("Ann", ""),))
    )


def test_an_entry_is_packed_once_and_anew_when_it_is_changed() -> None:
    entry = completed(Entry(key="k", title="Rates"), packed=b"carried")
    assert pack(entry) == b"carried"
    assert unpack(pack(replace(entry, title="Taxes"))) == Entry(key="k", title="Taxes")


def test_moments_come_back_aware() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    found = unpack(pack(Entry(key="k", published=moment))).published
    assert found == moment
    assert found is not None
    assert found.utcoffset() == timedelta(0)
