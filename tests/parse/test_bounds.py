"""No field of an entry is larger than its limit, and a cut entry is the same entry at the next reading."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aggregator.model import Entry
from aggregator.model.packing import unpack
from aggregator.parse.bounds import MAX_BODY, MAX_INHERITED, MAX_LABEL, MAX_PARTS, MAX_TITLE
from aggregator.parse.links import MAX_LENGTH
from aggregator.parse.reading import read_document
from aggregator.query.wording import wording_of


def read(inner: str) -> Entry:
    body = f"<rss version='2.0'><channel><title>t</title><item>{inner}</item></channel></rss>"
    (entry,) = read_document(body.encode(), url="http://test.example/feed", headers={}).entries
    return entry


NAMES = [f"{n:0>400}" for n in range(100)]
CROWDS = {
    "people of a podcast": "<rss version='2.0' xmlns:podcast='https://podcastindex.org/namespace/1.0'><channel>"
    + "".join(f"<podcast:person>{name}</podcast:person>" for name in NAMES)
    + "<item><guid>1</guid><podcast:season>1</podcast:season></item></channel></rss>",
    "authors": "<feed xmlns='http://www.w3.org/2005/Atom'>"
    + "".join(f"<author><name>{name}</name></author>" for name in NAMES)
    + "<entry><id>1</id></entry></feed>",
    "authors of JSON Feed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "authors": [{"name": name} for name in NAMES],
            "items": [{"id": "1", "content_text": "x"}],
        }
    ),
}


@pytest.mark.parametrize("body", CROWDS.values(), ids=CROWDS.keys())
def test_a_crowd_of_a_feed_is_not_stored_with_each_entry(body: str) -> None:
    (entry,) = read_document(body.encode(), url="http://test.example/feed", headers={}).entries
    heard = entry.podcast.people if entry.podcast else entry.authors
    assert heard[0].name == NAMES[0]
    assert len(repr(heard)) < MAX_INHERITED + 100


def test_a_title_ends_where_nobody_reads_on() -> None:
    entry = read("<guid>1</guid><title>" + "word " * 100_000 + "</title>")
    assert len(entry.title) <= MAX_TITLE
    assert entry.title.endswith("word…")


def test_a_text_is_cut_between_its_elements_as_html() -> None:
    entry = read("<guid>1</guid><description><![CDATA[<p>" + "<b>bold</b> " * 200_000 + "]]></description>")
    assert MAX_BODY * 0.9 < len(entry.summary) <= MAX_BODY * 1.01
    assert entry.summary.endswith("</p>")


def test_names_labels_and_their_number_have_limits() -> None:
    people = "".join(f"<author>{n}@test.example</author>" for n in range(1000))
    entry = read(
        f"<guid>1</guid><category>{'c' * 10_000}</category>{people}<dc:creator>{'a' * 9_000}</dc:creator>"
    )
    assert max(len(category.term) for category in entry.categories) == MAX_LABEL
    assert len(entry.authors) <= MAX_PARTS
    assert max(len(person.name) for person in entry.authors) <= MAX_LABEL


def test_a_long_id_is_its_beginning_and_a_hash_and_the_same_each_time() -> None:
    first, again = (read(f"<guid>{'g' * 100_000}</guid><title>{n}</title>") for n in (1, 2))
    other = read(f"<guid>{'g' * 100_001}</guid>")
    assert first.id == first.key == again.key
    assert first.key != other.key
    assert len(first.id) <= 2000


def test_an_address_is_whole_or_not_there() -> None:
    fits = "http://test.example/" + "a" * (MAX_LENGTH - 20)
    assert read(f"<guid>1</guid><link>{fits}</link>").link == fits
    assert read(f"<guid>1</guid><link>{fits}a</link>").link is None


def test_an_ordinary_entry_is_left_as_it_is() -> None:
    entry = read("<guid>1</guid><title>Low tide</title><description>At noon.</description>")
    assert (entry.title, entry.summary) == ("Low tide", "At noon.")


def test_an_entry_carries_the_words_of_its_cut_texts() -> None:
    entry = read(
        "<guid>1</guid><title>" + "word " * 100_000 + "lost</title><description>a text</description>"
    )
    assert entry.wording is not None
    assert entry.wording == wording_of(replace(entry, wording=None))
    assert entry.wording.vocabulary == "word a text"


def test_an_entry_carries_itself_as_it_is_stored() -> None:
    entry = read("<guid>1</guid><title>" + "word " * 100_000 + "lost</title>")
    assert entry.packed is not None
    assert unpack(entry.packed) == entry
