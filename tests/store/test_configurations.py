"""Applying configurations: what stays, what changes, what must be placed again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from aggregator.model import (
    Configuration,
    Failed,
    FailureKind,
    Feed,
    FetchSettings,
    PerSource,
    Site,
    Source,
    Topic,
)
from aggregator.store.configurations import load_applied
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.archives import find_archive, read_archive
from aggregator.store.feeds.heads import PUBLISHED, find_feed, list_feeds
from aggregator.store.feeds.items import read_items
from aggregator.store.feeds.ranks import save_ranks
from aggregator.store.feeds.rejudging import end_replacing
from aggregator.store.sources.states import find_source, list_states
from tests.store.making import (
    DAY,
    HOUR,
    NOW,
    apply,
    arrive,
    claim_all,
    claim_one,
    entry,
    head_of,
    poll,
    source,
    store,
)

PAPER = source("Paper")
RIVAL = source("Rival")
ECONOMY = Topic(slug="economy", title="Economy", query="mortgage*")
FRONT = Feed(slug="front", title="Front page", query="tag:national")
QUALITY = Feed(slug="quality", title="Quality", query="topic:economy")
WHOLE = Configuration(sources=(PAPER, RIVAL), topics=(ECONOMY,), feeds=(FRONT, QUALITY))


def test_first_configuration_adds_every_source_in_file_order(engine: Engine) -> None:
    applied = apply(engine, WHOLE)
    assert (applied.is_new, applied.added) == (True, ("paper", "rival"))
    with reading(engine) as connection:
        assert [state.slug for state in list_states(connection)] == ["paper", "rival"]
        kinds = [(head.kind, head.slug) for head in list_feeds(connection, PUBLISHED)]
    assert kinds == [
        ("feed", "front"),
        ("feed", "quality"),
        ("topic", "economy"),
        ("source", "paper"),
        ("source", "rival"),
    ]


def everything(connection: Connection) -> tuple[object, ...]:
    applied = load_applied(connection)
    return list_feeds(connection, PUBLISHED), list_states(connection), applied


def test_unchanged_configuration_is_a_no_op(engine: Engine) -> None:
    apply(engine, WHOLE)
    with reading(engine) as connection:
        before = everything(connection)
    applied = apply(engine, WHOLE, NOW + DAY)
    assert (applied.is_new, applied.added, applied.feeds_changed) == (False, (), ())
    with reading(engine) as connection:
        assert everything(connection) == before


def test_applied_configuration_is_read_back_whole_but_for_the_database(engine: Engine) -> None:
    configuration = replace(
        WHOLE,
        site=Site(title="London Daily", timezone="Europe/London"),
        sources=(replace(PAPER, where="aggregator.yaml:7", tags=("a", "b")), RIVAL),
        feeds=(replace(FRONT, per_source=PerSource(count=5, per_day=True), limit=7),),
        database="postgresql://user:secret@host/name",
    )
    apply(engine, configuration)
    with reading(engine) as connection:
        applied = load_applied(connection)
        assert applied is not None
        assert applied.configuration == replace(configuration, database="", sources=())
        assert tuple(state.source for state in list_states(connection)) == configuration.sources
        assert (applied.host, applied.at) == ("test", NOW)
        assert load_applied(connection, unless=applied.digest) is None


def test_nothing_applied_reads_as_none(engine: Engine) -> None:
    with reading(engine) as connection:
        assert load_applied(connection) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PAPER, replace(PAPER, name="The Paper of Record")),
        (PAPER, replace(PAPER, url="https://elsewhere.example/rss")),
        (replace(PAPER, id="p"), source("Other", id="p", url="https://other.example/")),
    ],
    ids=["its name changed", "its URL changed", "both changed but not its id"],
)
def test_renamed_source_keeps_its_articles_and_slug(engine: Engine, before: object, after: object) -> None:
    apply(engine, Configuration(sources=(before, RIVAL)))  # type: ignore[arg-type]
    slug = claim_slug(engine)
    arrive(engine, slug, entry("one"))
    applied = apply(engine, Configuration(sources=(RIVAL, after)), NOW + DAY)  # type: ignore[arg-type]
    assert (applied.added, applied.removed, applied.renamed) == ((), (), (slug,))
    with reading(engine) as connection:
        states = {state.slug: state for state in list_states(connection)}
        assert states[slug].articles == 1
        head = find_feed(connection, "source", slug)
        assert head is not None
        assert [item.article.entry.key for item in read_items(connection, head, limit=5)] == ["one"]


def claim_slug(engine: Engine) -> str:
    with reading(engine) as connection:
        return list_states(connection)[0].slug


def test_equal_names_get_numbered_slugs_that_are_never_given_again(engine: Engine) -> None:
    first, second = source("Paper"), source("Paper!", url="https://second.example/")
    apply(engine, Configuration(sources=(first, second)))
    third = source("Päper", url="https://third.example/")
    applied = apply(engine, Configuration(sources=(first, third)))
    assert applied.removed == ("paper-2",)
    assert applied.added == ("paper-3",)


def test_nameless_source_is_called_after_its_host(engine: Engine) -> None:
    applied = apply(engine, Configuration(sources=(Source(url="https://www.News.example/a"),)))
    assert applied.added == ("news-example",)


def test_source_that_comes_back_has_its_articles_and_is_asked_at_once(engine: Engine) -> None:
    apply(engine, WHOLE)
    arrive(engine, "paper", entry("one"))
    applied = apply(engine, replace(WHOLE, sources=(RIVAL,)), NOW + HOUR)
    assert applied.removed == ("paper",)
    assert "paper" not in claim_all(engine, NOW + HOUR)
    with reading(engine) as connection:
        assert find_feed(connection, "source", "paper") is None
        state = find_source(connection, "paper")
        assert state is not None
        assert (state.state, state.articles) == ("removed", 1)
    applied = apply(engine, WHOLE, NOW + DAY)
    assert applied.added == ("paper",)
    with reading(engine) as connection:
        state = find_source(connection, "paper")
        head = find_feed(connection, "source", "paper")
        assert state is not None
        assert head is not None
        assert (state.state, state.articles, state.next_poll) == ("ok", 1, NOW + DAY)
        assert len(read_items(connection, head, limit=5)) == 1


def test_a_poll_under_way_has_no_effect_once_its_source_left(engine: Engine) -> None:
    apply(engine, WHOLE)
    claim = claim_one(engine, "paper")
    apply(engine, replace(WHOLE, sources=(RIVAL,)))
    assert store(engine, poll(claim)).lost == (claim.source_id,)


def test_other_url_starts_afresh(engine: Engine) -> None:
    apply(engine, WHOLE)
    store(engine, poll(claim_one(engine, "paper")))
    moved = replace(PAPER, url="https://new.example/feed")
    apply(engine, replace(WHOLE, sources=(moved, RIVAL)), NOW + HOUR)
    claim = claim_one(engine, "paper", NOW + HOUR)
    assert claim.url == "https://new.example/feed"
    assert (claim.validators.etag, claim.body_hash) == (None, None)


def test_shorter_interval_holds_from_the_last_poll_on(engine: Engine) -> None:
    apply(engine, WHOLE)
    store(engine, poll(claim_one(engine, "paper")))
    apply(engine, replace(WHOLE, sources=(replace(PAPER, every_s=600), RIVAL)))
    with reading(engine) as connection:
        state = find_source(connection, "paper")
    assert state is not None
    assert state.next_poll == NOW + HOUR / 6


def refuse(engine: Engine, slug: str, kind: FailureKind = FailureKind.REFUSED) -> None:
    """The source's poll fails."""
    failure = Failed(kind=kind, reason="no")
    store(engine, poll(claim_one(engine, slug), kind="failed", failure=failure, validators=None, info=None))


def due(engine: Engine) -> list[str]:
    """The sources that may be asked now."""
    with reading(engine) as connection:
        states = list_states(connection)
    return [state.slug for state in states if state.next_poll and state.next_poll <= NOW]


@pytest.mark.parametrize(
    "setting", [{"auth": "ada:right"}, {"headers": (("X-Key", "right"),)}, {"timeout_s": 60.0}]
)
def test_what_failed_is_asked_at_once_when_it_is_asked_in_another_way(
    engine: Engine, setting: dict[str, Any]
) -> None:
    apply(engine, WHOLE)
    refuse(engine, "paper", FailureKind.HTTP)
    store(engine, poll(claim_one(engine, "rival")))
    asked = tuple(replace(each, **setting) for each in (PAPER, RIVAL))
    apply(engine, replace(WHOLE, site=Site(title="Other"), sources=asked))
    assert due(engine) == ["paper"]


def test_what_the_guard_refused_is_asked_at_once_when_other_addresses_are_admitted(engine: Engine) -> None:
    apply(engine, WHOLE)
    refuse(engine, "paper")
    refuse(engine, "rival", FailureKind.HTTP)
    apply(engine, replace(WHOLE, fetch=FetchSettings(allow_private=("10.0.0.0/8",))))
    assert due(engine) == ["paper"]


def test_source_given_an_id_takes_it_for_its_slug_and_is_found_by_the_old_one(engine: Engine) -> None:
    apply(engine, WHOLE)
    apply(engine, replace(WHOLE, sources=(replace(PAPER, id="gazette"), RIVAL)))
    with reading(engine) as connection:
        for slug in ("gazette", "paper"):
            head = find_feed(connection, "source", slug)
            assert head is not None
            assert head.slug == "gazette"


def changed(engine: Engine, before: Configuration, after: Configuration) -> tuple[tuple[str, str], ...]:
    """What must be placed again when *after* follows *before* and articles are stored."""
    apply(engine, before)
    arrive(engine, "paper", entry("one"))
    return apply(engine, after).feeds_changed


def test_changed_topic_also_changes_the_feeds_that_name_it(engine: Engine) -> None:
    other = replace(ECONOMY, query="inflation")
    pending = changed(engine, WHOLE, replace(WHOLE, topics=(other,)))
    assert pending == (("topic", "economy"), ("feed", "quality"))


def test_changed_tags_change_only_the_feeds_that_speak_of_sources(engine: Engine) -> None:
    tagged = replace(PAPER, tags=("national",))
    assert changed(engine, WHOLE, replace(WHOLE, sources=(tagged, RIVAL))) == (("feed", "front"),)


def test_changed_presentation_needs_no_placing_but_a_new_version(engine: Engine) -> None:
    apply(engine, WHOLE)
    with reading(engine) as connection:
        before = {head.slug: head.version for head in list_feeds(connection, PUBLISHED)}
    retitled = replace(FRONT, title="The front", limit=9)
    assert changed(engine, WHOLE, replace(WHOLE, feeds=(retitled, QUALITY))) == ()
    with reading(engine) as connection:
        heads = {head.slug: head for head in list_feeds(connection, PUBLISHED)}
    assert (heads["front"].title, heads["front"].limit) == ("The front", 9)
    assert heads["front"].version != before["front"]
    assert heads["quality"].version == before["quality"]


def test_new_site_title_gives_every_feed_a_new_version(engine: Engine) -> None:
    apply(engine, WHOLE)
    with reading(engine) as connection:
        before = [head.version for head in list_feeds(connection, PUBLISHED)]
    apply(engine, replace(WHOLE, site=Site(title="Another title")))
    with reading(engine) as connection:
        after = [head.version for head in list_feeds(connection, PUBLISHED)]
    assert not set(before) & set(after)


def test_without_articles_nothing_needs_placing(engine: Engine) -> None:
    apply(engine, WHOLE)
    assert apply(engine, replace(WHOLE, feeds=(replace(FRONT, query="x"), QUALITY))).feeds_changed == ()


def test_feed_stays_pending_until_all_its_articles_were_judged(engine: Engine) -> None:
    after = replace(WHOLE, feeds=(replace(FRONT, query="flood"), QUALITY))
    assert changed(engine, WHOLE, after) == (("feed", "front"),)
    assert apply(engine, after).feeds_changed == (("feed", "front"),)
    with writing(engine) as connection:
        end_replacing(connection, [("feed", "front")])
    assert apply(engine, after).feeds_changed == ()


def test_removed_feed_is_not_published_and_keeps_its_id_when_it_returns(engine: Engine) -> None:
    apply(engine, WHOLE)
    arrive(engine, "paper", entry("one"), feeds=["front"])
    with reading(engine) as connection:
        before = find_feed(connection, "feed", "front")
    apply(engine, replace(WHOLE, feeds=(QUALITY,)))
    with reading(engine) as connection:
        assert find_feed(connection, "feed", "front") is None
    assert apply(engine, WHOLE).feeds_changed == (("feed", "front"),)
    with reading(engine) as connection:
        after = find_feed(connection, "feed", "front")
        assert before is not None
        assert after is not None
        assert after.uid == before.uid
        assert read_items(connection, after, limit=5) == ()


def test_places_in_the_ranks_are_forgotten_with_the_order(engine: Engine) -> None:
    top = Feed(slug="front", title="Front", order="top")
    apply(engine, Configuration(sources=(PAPER,), feeds=(top,)))
    arrive(engine, "paper", entry("a"), feeds=["front"])
    with writing(engine) as connection:
        save_ranks(connection, head_of(engine).id, [(1, 1, "first")], NOW)
    for order, ranked in (("top", 1), ("newest", None), ("top", None)):
        apply(engine, Configuration(sources=(PAPER,), feeds=(replace(top, order=order, limit=9),)))
        with reading(engine) as connection:
            assert [item.rank for item in read_items(connection, head_of(engine), limit=9)] == [ranked]


def test_a_feed_that_returns_has_no_archives_of_what_it_holds_no_more(engine: Engine) -> None:
    small = Feed(slug="front", title="Front", limit=2)
    for feeds in ((small,), (), (small,)):
        apply(engine, Configuration(sources=(PAPER,), feeds=feeds))
        arrive(engine, "paper", *(entry(f"{len(feeds)}{n}") for n in range(3)), feeds=["front"])
    head = head_of(engine)
    with reading(engine) as connection:
        numbers = [n for n in range(1, 9) if find_archive(connection, head, n) is not None]
        held = [
            read_archive(connection, head, a) for n in numbers if (a := find_archive(connection, head, n))
        ]
    assert all(held)
