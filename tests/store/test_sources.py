"""Sources by name, as status lists them, and which configured one is which stored one."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import Engine

from aggregator.model import Configuration, Failed, FailureKind, FeedInfo, Source
from aggregator.store.engine import reading
from aggregator.store.overview import load_overview
from aggregator.store.sources.cards import load_cards, load_settings
from aggregator.store.sources.matching import StoredSource, match_sources
from aggregator.store.sources.slugs import slug_of, slugify, unused
from aggregator.store.sources.states import find_source, list_states
from tests.store.making import DAY, NOW, apply, arrive, claim_one, entry, poll, source, store


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("BBC News UK", "bbc-news-uk"),
        ("Café  Zürich!", "cafe-zurich"),
        ("新聞", ""),
        ("a" * 70, "a" * 60),
        ("--x--", "x"),
    ],
)
def test_slug_is_ascii_words_joined(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_slug_comes_from_id_then_name_then_host() -> None:
    whole = Source(url="https://www.paper.example/feed", name="The Paper", id="tp")
    assert slug_of(whole) == "tp"
    assert slug_of(Source(url=whole.url, name="The Paper")) == "the-paper"
    assert slug_of(Source(url=whole.url, name="新聞")) == "paper-example"
    assert slug_of(Source(url="not a url")) == "source"


def test_taken_slug_gets_the_next_number() -> None:
    assert unused("a", {"a", "a-2"}) == "a-3"


def stored(number: int, **fields: object) -> StoredSource:
    values: dict[str, object] = {
        "id": number,
        "slug": f"s{number}",
        "url": f"https://{number}.example/",
        "name": None,
        "handle": None,
        "moved_url": None,
        "settings": Source(url="https://x.example/"),
        "place": "",
        "position": 0,
        "is_configured": True,
        **fields,
    }
    return StoredSource(**values)  # type: ignore[arg-type]


MATCHES = {
    "an id decides before a URL": (
        [Source(url="https://1.example/", id="b")],
        [stored(1), stored(2, handle="b")],
        [2],
    ),
    "a URL decides before a name": (
        [Source(url="https://1.example/", name="B")],
        [stored(1, name="A"), stored(2, name="B")],
        [1],
    ),
    "the URL it moved to is its own": (
        [Source(url="https://new.example/")],
        [stored(1, moved_url="https://new.example/")],
        [1],
    ),
    "names that changed places stay with their URLs": (
        [Source(url="https://1.example/", name="B"), Source(url="https://2.example/", name="A")],
        [stored(1, name="A"), stored(2, name="B")],
        [1, 2],
    ),
    "no row is given twice": (
        [Source(url="https://1.example/", name="A"), Source(url="https://9.example/", name="A")],
        [stored(1, name="A")],
        [1, None],
    ),
    "one in force before a removed one": (
        [Source(url="https://9.example/", name="A")],
        [stored(1, name="A", is_configured=False), stored(2, name="A")],
        [2],
    ),
    "nothing in common is new": ([Source(url="https://9.example/", name="Z")], [stored(1, name="A")], [None]),
}


@pytest.mark.parametrize("case", MATCHES)
def test_source_stays_itself(case: str) -> None:
    configured, rows, expected = MATCHES[case]
    found = match_sources(configured, rows)  # type: ignore[arg-type]
    assert [row.id if row else None for row in found] == expected


def test_source_is_found_by_slug_name_id_and_url(engine: Engine) -> None:
    apply(
        engine, Configuration(sources=(source("The Paper", id="tp", url="https://p.example/x"), source("B")))
    )
    with reading(engine) as connection:
        for handle in ("tp", "The Paper", "the paper", "https://p.example/x"):
            state = find_source(connection, handle)
            assert state is not None, handle
            assert state.slug == "tp"
        assert find_source(connection, "nobody") is None


def test_status_tells_new_ok_failing_gone_and_removed(engine: Engine) -> None:
    names = ("fresh", "fine", "broken", "over", "left")
    apply(engine, Configuration(sources=tuple(source(name) for name in names)))
    arrive(engine, "fine", entry("a", published=NOW - DAY), entry("b", published=NOW - 2 * DAY))
    from aggregator.model import Failed, FailureKind

    failure = Failed(kind=FailureKind.TIMEOUT, reason="no answer in 30 s")
    nothing = {"info": None, "validators": None}
    store(engine, poll(claim_one(engine, "broken"), kind="failed", failure=failure, **nothing))
    store(engine, poll(claim_one(engine, "over"), kind="gone", **nothing))
    apply(engine, Configuration(sources=tuple(source(name) for name in names[:-1])))
    with reading(engine) as connection:
        states = {state.slug: state for state in list_states(connection)}
    assert {slug: state.state for slug, state in states.items()} == {
        "fresh": "new",
        "fine": "ok",
        "broken": "failing",
        "over": "gone",
        "left": "removed",
    }
    assert (states["fine"].articles, states["fine"].newest) == (2, NOW - DAY)
    assert states["over"].next_poll is None
    assert states["over"].reason is not None


def test_card_prefers_what_was_configured_to_what_the_document_says(engine: Engine) -> None:
    named = source("Named", rights="CC BY", language="fr")
    nameless = Source(url="https://nameless.example/feed")
    apply(engine, Configuration(sources=(named, nameless)))
    said = FeedInfo(title="Said", rights="all", language="en", link="https://x.example/")
    for slug in ("named", "nameless-example"):
        store(engine, poll(claim_one(engine, slug), info=said))
    with reading(engine) as connection:
        cards = {card.slug: card for card in load_cards(connection).values()}
        settings = load_settings(connection, cards_ids := [card.id for card in cards.values()])
    first, second = cards["named"], cards["nameless-example"]
    assert (first.name, first.title, first.rights, first.language) == ("Named", "Said", "CC BY", "fr")
    assert (second.name, second.rights, second.language) == ("Said", "all", "en")
    assert [settings[card_id].language for card_id in cards_ids] in (["fr", None], [None, "fr"])


def test_all_sources_taken_together_are_what_each_is(engine: Engine) -> None:
    names = ("Well", "Fresh", "Failing", "Gone", "Left", "Offline")
    apply(engine, Configuration(sources=tuple(source(name) for name in names)))
    with reading(engine) as connection:
        assert not load_overview(connection, NOW).has_answered
    for slug in ("well", "left", "offline"):
        store(engine, poll(claim_one(engine, slug)))
    failed = {"kind": "failed", "info": None, "validators": None}
    for slug, kind in (("failing", FailureKind.DNS), ("offline", FailureKind.OFFLINE)):
        failure = Failed(kind=kind, reason="no answer")
        store(engine, poll(claim_one(engine, slug, NOW + DAY), failure=failure, at=NOW + DAY, **failed))
    store(engine, poll(claim_one(engine, "gone"), **(failed | {"kind": "gone"})))
    apply(engine, Configuration(sources=tuple(source(name) for name in names if name != "Left")))
    with reading(engine) as connection:
        overview = load_overview(connection, NOW + DAY)
        each = Counter(one.state for one in list_states(connection) if one.is_configured)
    assert overview.counts == each == {"ok": 2, "new": 1, "failing": 1, "gone": 1}
    assert (overview.offline, overview.has_answered, overview.rows) == (1, True, 6)
