"""Which entry is which."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Enclosure, Entry, Participant, Person, Podcast
from aggregator.parse.identity import digest_of, identify, key_of

LINK = "https://a.example/1"
SOUND = Enclosure(url="https://a.example/1.mp3")


def test_the_key_is_the_id_then_the_link_then_the_file_then_a_hash() -> None:
    assert key_of(Entry(id="X", link=LINK, enclosures=(SOUND,))) == "X"
    assert key_of(Entry(link=LINK, enclosures=(SOUND,))) == LINK
    assert key_of(Entry(title="t", enclosures=(SOUND,))) == SOUND.url
    assert key_of(Entry(title="t", content="c")).startswith("hash:")
    assert key_of(Entry(title="t", content="c")) != key_of(Entry(title="t", content="d"))


def test_entries_that_share_a_link_are_told_apart_by_title() -> None:
    first, second = identify([Entry(title="A", link=LINK), Entry(title="B", link=LINK)])
    assert first.key != second.key
    assert first.key.startswith(LINK)


def test_an_entry_that_links_home_keeps_its_key_when_it_is_the_last_one_left() -> None:
    both = identify([Entry(title="A", link=LINK), Entry(title="B", link=LINK)], home=LINK)
    alone = identify([Entry(title="B", link=LINK)], home=LINK)
    assert alone[0].key == both[1].key


def test_of_one_id_twice_the_latest_stays_at_the_first_place() -> None:
    old, new = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2))
    entries = [
        Entry(id="1", title="old", updated=old),
        Entry(id="2"),
        Entry(id="1", title="new", updated=new),
    ]
    assert [(entry.id, entry.title) for entry in identify(entries)] == [("1", "new"), ("2", "")]


def test_without_dates_the_first_of_one_id_stays() -> None:
    assert [entry.title for entry in identify([Entry(id="1", title="a"), Entry(id="1", title="b")])] == ["a"]


def test_an_id_that_all_entries_share_tells_nothing_apart() -> None:
    entries = [Entry(id="same", title="t", link=f"{LINK}{number}") for number in range(3)]
    assert [entry.key for entry in identify(entries)] == [f"{LINK}{number}" for number in range(3)]
    assert [entry.key for entry in identify(entries[:2])] == ["same"]
    assert [entry.key for entry in identify([*entries, Entry(id="own", link=f"{LINK}0")])][-1] == "own"


@pytest.mark.parametrize("count", ["{}", "item-{}", "https://a.example/feed#{}!"])
def test_ids_that_count_from_the_newest_entry_on_tell_nothing_apart(count: str) -> None:
    def document(newest: int, first: int = 0) -> list[Entry]:
        return [
            Entry(
                id=count.format(first + place),
                link=f"{LINK}{number}",
                published=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number),
            )
            for place, number in enumerate(range(newest, newest - 12, -1))
        ]

    for first in (0, 1):
        for newest in (20, 21):  # another entry comes, and every id means another one
            entries = document(newest, first)
            assert [entry.key for entry in identify(entries)] == [entry.link for entry in entries]
            entries[1], entries[2] = (  # one stands out of order, or is pinned
                replace(entries[1], link=entries[2].link, published=entries[2].published),
                replace(entries[2], link=entries[1].link, published=entries[1].published),
            )
            assert [entry.key for entry in identify(entries)] == [entry.link for entry in entries]
    numbered = [replace(entry, link=f"{LINK}2026/{place}") for place, entry in enumerate(document(20))]
    for permanent in (document(20)[::-1], document(20)[:4], document(20, first=2), numbered):
        assert [entry.key for entry in identify(permanent)] == [entry.id for entry in permanent]


@pytest.mark.parametrize("link", [None, LINK])
def test_entries_of_one_id_that_no_link_tells_apart_are_told_apart_by_title(link: str | None) -> None:
    entries = [Entry(id="same", title=title, link=link) for title in "abc"]
    keys = [entry.key for entry in identify(entries)]
    assert len(set(keys)) == 3
    edited = [replace(entry, summary="edited") for entry in entries]
    assert [entry.key for entry in identify(edited)] == keys


def test_versions_under_other_titles_and_paths_are_known_by_their_dates() -> None:
    first = datetime(2026, 11, 20, tzinfo=UTC)
    versions = [
        Entry(
            id="same", title=f"t{n}", link=f"{LINK}/{n}", published=first, updated=first + timedelta(hours=n)
        )
        for n in range(4)
    ]
    (kept,) = identify(versions)
    assert (kept.key, kept.title) == ("same", "t3")
    others = [replace(entry, published=entry.updated) for entry in versions]
    assert len(identify(others)) == len(identify([replace(entry, updated=None) for entry in versions])) == 4


def test_an_id_that_versions_of_one_entry_share_is_theirs() -> None:
    versions = [Entry(id="same", title="t", link=f"{LINK}?v={number}") for number in range(5)]
    assert [entry.key for entry in identify(versions)] == ["same"]
    others = [Entry(id="same", title=f"t{number}", link=f"{LINK}?page={number}") for number in range(5)]
    assert [entry.key for entry in identify(others)] == [f"{LINK}?page={number}" for number in range(5)]


def test_a_very_long_id_gives_a_bounded_key_of_its_own() -> None:
    one, two = ("x" * 100_000 + end for end in "ab")
    assert len(key_of(Entry(id=one))) <= 2000
    assert key_of(Entry(id=one)) != key_of(Entry(id=two))


def test_the_digest_changes_with_what_a_reader_sees_and_with_nothing_else() -> None:
    entry = Entry(id="1", title="t", link=LINK, content="<p>c</p>", summary="s", authors=(Person("A"),))
    moved = replace(
        entry, updated=datetime(2026, 1, 1, tzinfo=UTC), published=datetime(2026, 1, 1, tzinfo=UTC), id="2"
    )
    assert digest_of(moved) == digest_of(entry)
    for change in (
        {"title": "u"},
        {"link": None},
        {"content": ""},
        {"summary": ""},
        {"authors": ()},
        {"enclosures": (SOUND,)},
        {"rights": "CC BY"},
        {"comment_count": 1},
        {"podcast": Podcast(chapters="https://site.example/1.json")},
        {"podcast": Podcast(people=(Participant("Ann"),))},
    ):
        assert digest_of(replace(entry, **change)) != digest_of(entry)
    assert digest_of(replace(entry, podcast=Podcast(duration_s=60))) == digest_of(entry)
    assert digest_of(replace(entry, title="", summary="t")) != digest_of(
        replace(entry, title="t", summary="")
    )


def test_comments_change_the_digest_when_they_double() -> None:
    digests = {digest_of(Entry(id="1", comment_count=count)) for count in range(1, 1025)}
    assert len(digests) == 11
