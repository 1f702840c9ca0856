"""What publishers take back: tombstones and complete documents, from the poll to every published format."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aggregator.curate.rewrite import PLAIN
from aggregator.model import ArticleState, Gate
from aggregator.parse import document, identity
from aggregator.pipeline.editing import release_due
from aggregator.pipeline.editions import publish_feed
from aggregator.store.articles.listing import held_articles, list_articles
from aggregator.store.engine import reading
from aggregator.store.feeds.heads import find_feed
from tests.polling.station import HOUR, Station, paper, tagged

HEAD = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:t='http://purl.org/atompub/tombstones/1.0' "
    "xmlns:h='http://purl.org/syndication/history/1.0'><title>Paper</title><id>urn:paper</id>"
    "<updated>2026-03-01T00:00:00Z</updated>"
)
DELETED = (
    "<t:deleted-entry ref='urn:{0}' when='2026-03-02T10:00:00Z'><t:by><name>Legal</name></t:by>"
    "<t:comment>it was libel</t:comment><link href='http://paper.example/why'/></t:deleted-entry>"
)
COMPLETE = "<h:complete/>"


def atom(*names: str, extra: str = "", under: str = "urn") -> bytes:
    entries = "".join(
        f"<entry><id>{under}:{name}</id><title>{name}</title><updated>2026-03-01T10:00:00Z</updated>"
        f"<link href='http://paper.example/{name}'/><content>About {name}</content></entry>"
        for name in names
    )
    return f"{HEAD}{extra}{entries}</feed>".encode()


def states(station: Station) -> dict[str, str]:
    with reading(station.engine) as connection:
        found = list_articles(connection, after_id=0, limit=100)
    return {article.entry.title: str(article.state) for article in found}


def published(station: Station, form: str = "json", slug: str = "paper") -> bytes:
    with reading(station.engine) as connection:
        head = find_feed(connection, "source", slug)
        assert head is not None
        return publish_feed(connection, head, station.configuration.site, form, PLAIN).body


def shown(station: Station) -> set[str]:
    return {item["title"] for item in json.loads(published(station))["items"]}


def test_a_tombstone_takes_the_article_out_of_every_format_and_says_so(station: Station) -> None:
    station.publish([tagged(atom("a", "b"), '"1"'), tagged(atom("b", extra=DELETED.format("a")), '"2"')])
    station.configure(paper())
    station.poll()
    assert shown(station) == {"a", "b"}
    station.poll(after=HOUR)
    assert states(station) == {"a": "withdrawn", "b": "out"}
    assert shown(station) == {"b"}
    assert b'deleted-entry ref="urn:a"' in published(station, "atom")
    for form in ("atom", "rss", "json"):
        body = published(station, form)
        assert b"About b" in body
        assert b"About a" not in body
        assert b"libel" not in body
    assert station.state().info.title == "Paper"
    assert station.state().info.authors == ()


def test_only_its_own_source_takes_an_article_back(station: Station) -> None:
    station.publish(tagged(atom("a")))
    station.publish(tagged(atom("b", extra=DELETED.format("a"))), host="rival.example")
    station.configure(paper(), paper("http://rival.example/feed", name="Rival"))
    station.poll("paper")
    station.poll("rival")
    station.poll("paper", after=HOUR)
    assert states(station) == {"a": "out", "b": "out"}


def test_what_was_never_stored_and_what_the_document_still_holds_are_left_alone(station: Station) -> None:
    tombs = DELETED.format("a") + DELETED.format("nobody") + "<t:deleted-entry/>"
    station.publish([tagged(atom("a"), '"1"'), tagged(atom("a", "b", extra=tombs), '"2"')])
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    assert states(station) == {"a": "out", "b": "out"}


def test_an_entry_that_is_there_again_comes_back_to_its_place(station: Station) -> None:
    gone = tagged(atom("b", extra=DELETED.format("a")), '"2"')
    station.publish([tagged(atom("a", "b"), '"1"'), gone, gone, tagged(atom("a", "b"), '"3"')])
    station.configure(paper())
    for _ in range(3):
        station.poll(after=HOUR)
    assert states(station)["a"] == "withdrawn"
    station.poll(after=HOUR)
    assert states(station) == {"a": "out", "b": "out"}
    assert shown(station) == {"a", "b"}
    assert b"deleted-entry" not in published(station, "atom")


def test_an_entry_that_comes_back_in_other_words_is_known_by_them_and_not_news(station: Station) -> None:
    rewritten = atom("a", "b").replace(b"About a", b"A calmer text, with the libel left out")
    station.publish(
        [
            tagged(atom("a", "b"), '"1"'),
            tagged(atom("b", extra=DELETED.format("a")), '"2"'),
            tagged(rewritten, '"3"'),
            tagged(rewritten.replace(b"urn:a<", b"urn:a2<"), '"4"'),
        ]
    )
    station.configure(paper())
    station.poll()
    told = json.loads(published(station))["items"]
    for _ in range(3):
        station.poll(after=HOUR)
    again = json.loads(published(station))["items"]
    assert [one["id"] for one in again] == [one["id"] for one in told]
    assert "libel left out" in str(again)
    assert [one.get("date_modified") for one in again] == [one.get("date_modified") for one in told]


def test_leaving_the_window_is_no_deletion_but_leaving_a_complete_document_is(station: Station) -> None:
    station.publish(
        [
            tagged(atom("a", "b", "c"), '"1"'),
            tagged(atom("b", "c"), '"2"'),
            tagged(atom("c", extra=COMPLETE), '"3"'),
            tagged(atom(extra=COMPLETE), '"4"'),
        ]
    )
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    assert states(station) == {"a": "out", "b": "out", "c": "out"}
    station.poll(after=HOUR)
    assert states(station) == {"a": "withdrawn", "b": "withdrawn", "c": "out"}
    station.poll(after=HOUR)
    assert states(station)["c"] == "out", "an empty document is no word"


@pytest.mark.parametrize("end", ["", "</broken"])
def test_a_damaged_document_takes_nothing_back(station: Station, end: str) -> None:
    damaged = atom("b", extra=COMPLETE).removesuffix(b"</feed>") + end.encode()
    station.publish([tagged(atom("a", "b"), '"1"'), tagged(damaged, '"2"')])
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    assert ArticleState.WITHDRAWN not in states(station).values()


def test_what_is_beyond_the_entries_that_are_read_is_not_taken_back(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (identity, document):
        monkeypatch.setattr(module, "MAX_ENTRIES", 2)
    first, second = atom("b", "c", extra=COMPLETE), atom("a", "b", "c", extra=COMPLETE)
    station.publish([tagged(first, '"1"'), tagged(second, '"2"')])
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    assert states(station) == {"a": "out", "b": "out", "c": "out"}


def test_what_was_stored_silently_stays_silent_when_it_comes_back(station: Station) -> None:
    whole = tagged(atom("a", "b", "c", extra=COMPLETE), '"1"')
    station.publish([whole, tagged(atom("a", extra=COMPLETE), '"2"'), tagged(atom("a", "b", "c"), '"3"')])
    station.configure(replace(paper(), initial_items=1))
    station.poll()
    before = states(station)
    assert sorted(before.values()) == ["out", "silent", "silent"]
    station.poll(after=HOUR)
    assert "withdrawn" in states(station).values()
    station.poll(after=HOUR)
    assert states(station) == before


def test_what_was_held_waits_on_when_it_comes_back(station: Station) -> None:
    whole = tagged(atom("a", "b", extra=COMPLETE), '"1"')
    station.publish([whole, tagged(atom("a", extra=COMPLETE), '"2"'), tagged(atom("a", "b"), '"3"')])
    station.configure(replace(paper(), gate=Gate(hold_s=86_400)))
    station.poll()
    before = waiting(station)
    assert states(station) == {"a": "held", "b": "held"}
    station.poll(after=HOUR)
    assert states(station)["b"] == "withdrawn"
    station.poll(after=HOUR)
    assert states(station) == {"a": "held", "b": "held"}
    assert waiting(station) == before
    release_due(station.engine, station.at + 24 * HOUR)
    assert shown(station) == {"a", "b"}


def test_a_complete_document_under_new_ids_takes_nothing_back(station: Station) -> None:
    names = [f"harbour-news-{number}" for number in range(6)]
    station.publish(
        [
            tagged(atom(*names, extra=COMPLETE), '"1"'),
            tagged(atom(*names[:5], extra=COMPLETE, under="tag:new,2026"), '"2"'),
            tagged(atom(*names[:5], extra=COMPLETE, under="tag:new,2026"), '"3"'),
        ]
    )
    station.configure(paper())
    station.poll()
    for _ in range(2):
        station.poll(after=HOUR)
        assert shown(station) == set(names[:5])
        assert len(states(station)) == 6


def waiting(station: Station) -> list[tuple[object, ...]]:
    with reading(station.engine) as connection:
        return [(one.entry.title, one.reason, one.release_at) for one in held_articles(connection, limit=9)]


@pytest.mark.parametrize("under", ["urn", "tag:new,2026"])
def test_what_is_published_again_is_back_at_once_under_another_id_too(station: Station, under: str) -> None:
    again = tagged(atom("b", under=under), '"3"')
    station.publish([tagged(atom("a", "b"), '"1"'), tagged(atom("a", extra=COMPLETE), '"2"'), again])
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    assert states(station) == {"a": "out", "b": "withdrawn"}
    station.poll(after=HOUR)
    assert states(station) == {"a": "out", "b": "out"}


def test_what_is_published_again_in_other_words_is_back_too(station: Station) -> None:
    def bare(*titles: str) -> bytes:
        entries = "".join(f"<entry><title>{title}</title></entry>" for title in titles)
        return f"{HEAD}{COMPLETE}{entries}</feed>".encode()

    ferry, other = "The ferry is back in service after the storm of Monday", "Market opens"
    told = ferry.replace("Monday", "Monday night")
    station.publish(
        [
            tagged(bare(ferry, other), '"1"'),
            tagged(bare(other), '"2"'),
            tagged(bare(told, other), '"3"'),
        ]
    )
    station.configure(paper())
    station.poll()
    station.poll(after=HOUR)
    assert states(station) == {ferry: "withdrawn", other: "out"}
    station.poll(after=HOUR)
    assert states(station) == {told: "out", other: "out"}
