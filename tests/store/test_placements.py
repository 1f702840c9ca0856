"""Reading feeds: order, pages, numbers of entry, versions; and judging stored articles anew."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from aggregator.model import FeedInfo, Item, Placed, Target
from aggregator.store.articles.listing import list_articles
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import PUBLISHED, find_feed, list_feeds
from aggregator.store.feeds.items import feeds_of, read_items
from aggregator.store.feeds.rejudging import replace_placements
from tests.store.making import (
    DAY,
    HOUR,
    NOW,
    WHOLE,
    admission,
    apply,
    arrive,
    claim_all,
    claim_one,
    entry,
    head_of,
    placed,
    poll,
    source,
    store,
)


def items_of(engine: Engine, slug: str, limit: int = 50, **more: object) -> tuple[Item, ...]:
    with reading(engine) as connection:
        head = find_feed(connection, "feed", slug)
        assert head is not None
        return read_items(connection, head, limit=limit, **more)  # type: ignore[arg-type]


def test_newest_come_first_and_equal_dates_by_id(paper: Engine) -> None:
    dates = {"a": NOW - DAY, "b": NOW - HOUR, "c": NOW - HOUR, "d": NOW - 2 * DAY}
    arrive(paper, "paper", *(entry(key, published=at) for key, at in dates.items()), feeds=["front"])
    assert [item.article.entry.key for item in items_of(paper, "front")] == ["c", "b", "a", "d"]


def test_pages_meet_without_gap_or_overlap(paper: Engine) -> None:
    entries = [entry(f"k{n}", published=NOW - HOUR * (n // 3)) for n in range(20)]
    arrive(paper, "paper", *entries, feeds=["front"])
    whole = items_of(paper, "front")
    pages: list[Item] = []
    before = None
    while page := items_of(paper, "front", limit=7, before=before):
        pages += page
        before = (page[-1].article.sort_date, page[-1].article.id)
    assert len(whole) == 20
    assert tuple(pages) == whole


def test_entered_counts_per_feed_from_one_oldest_first(paper: Engine) -> None:
    arrive(paper, "paper", entry("late", published=NOW), entry("early", published=NOW - DAY), feeds=["front"])
    arrive(paper, "rival", entry("older", published=NOW - 9 * DAY), feeds=["front", "back"], at=NOW + HOUR)
    assert {i.article.entry.key: i.entered for i in items_of(paper, "front")} == {
        "early": 1,
        "late": 2,
        "older": 3,
    }
    assert [item.entered for item in items_of(paper, "back")] == [1]


def test_item_says_why_it_is_there_and_who_wrote_it(paper: Engine) -> None:
    arrive(paper, "paper", entry("k"), feeds=["front"])
    (item,) = items_of(paper, "front")
    assert (item.why, item.source.slug, item.source.name) == ("because of front", "paper", "Paper")


def test_version_is_the_same_in_another_store_with_the_same_history(paper: Engine, databases: object) -> None:
    from aggregator.store.engine import open_engine
    from tests.databases import Databases

    assert isinstance(databases, Databases)
    other = open_engine(databases.url("sqlite"))
    apply(other, WHOLE)
    for engine in (paper, other):
        arrive(engine, "paper", entry("a"), entry("b"), feeds=["front"])
        arrive(engine, "paper", entry("a", title="Other"), feeds=["front"], at=NOW + DAY)
    assert head_of(paper, "front").version == head_of(other, "front").version
    other.dispose()


def test_version_and_date_change_with_the_content_of_that_feed_only(paper: Engine) -> None:
    empty = head_of(paper, "front")
    assert empty.changed_at is None
    arrive(paper, "paper", entry("a"), feeds=["front"])
    first = head_of(paper, "front")
    assert (first.version != empty.version, first.changed_at) == (True, NOW)
    arrive(paper, "paper", entry("b"), feeds=["back"], at=NOW + HOUR)
    assert head_of(paper, "front") == first
    arrive(paper, "paper", entry("a", title="Other"), feeds=["front"], at=NOW + DAY)
    changed = head_of(paper, "front")
    assert (changed.version != first.version, changed.changed_at) == (True, NOW + DAY)


def test_source_that_changes_its_title_changes_the_feeds_that_show_it(paper: Engine) -> None:
    apply(paper, replace(WHOLE, sources=(replace(source("Paper"), name=None), source("Rival"))))
    arrive(paper, "paper", entry("a"), feeds=["front"])
    arrive(paper, "rival", entry("b"), feeds=["back"])
    before = {head.slug: head.version for head in (head_of(paper, s) for s in ("front", "back"))}
    claim = claim_one(paper, "paper", NOW + DAY)
    store(paper, poll(claim, at=NOW + DAY, info=FeedInfo(title="A new name")))
    assert items_of(paper, "front")[0].source.name == "A new name"
    assert head_of(paper, "front").version != before["front"]
    assert head_of(paper, "back").version == before["back"]
    assert head_of(paper, "paper", "source").title == "A new name"


def test_date_of_a_document_alone_changes_no_feed(paper: Engine) -> None:
    arrive(paper, "paper", entry("a"), feeds=["front"])
    before = head_of(paper, "front"), items_of(paper, "front")
    claim = claim_one(paper, "paper", NOW + DAY)
    store(paper, poll(claim, at=NOW + DAY, info=FeedInfo(title="paper says", updated=NOW + DAY)))
    assert (head_of(paper, "front"), items_of(paper, "front")) == before


def test_older_results_of_a_batch_enter_before_newer_ones(paper: Engine) -> None:
    claims = claim_all(paper)
    results = [
        poll(claims["rival"], placed(admission(claims["rival"], entry("new", published=NOW)), "front")),
        poll(claims["paper"], placed(admission(claims["paper"], entry("old", published=NOW - DAY)), "front")),
    ]
    store(paper, *results)
    assert [(i.article.entry.key, i.entered) for i in items_of(paper, "front")] == [("new", 2), ("old", 1)]


def judged(
    paper: Engine, decide: dict[str, tuple[Target, ...]], topics: tuple[str, ...] = ()
) -> list[Placed]:
    with reading(paper) as connection:
        stored = list_articles(connection, after_id=0, limit=99)
    claim = claim_one(paper, "paper", NOW + DAY)
    return [
        Placed(
            admission(
                claim,
                article.entry,
                article_id=article.id,
                published_id=article.published_id,
                first_seen=article.first_seen,
                sort_date=article.sort_date,
            ),
            topics,
            decide.get(article.entry.key, ()),
        )
        for article in stored
    ]


def replaced(paper: Engine, placed_anew: list[Placed], slug: str, kind: str = "feed") -> int:
    with writing(paper) as connection:
        return replace_placements(connection, placed_anew, [(kind, slug)], NOW + DAY)


def test_changed_rule_moves_placements_of_its_own_feed_only(paper: Engine) -> None:
    (a, b) = arrive(paper, "paper", entry("a"), entry("b"), feeds=["front", "back"]).new
    back = head_of(paper, "back")
    anew = {"b": (Target("feed", "front", "the new rule"), Target("feed", "back", "not asked"))}
    assert replaced(paper, judged(paper, anew), "front") == 1
    assert [(i.article.id, i.entered, i.why) for i in items_of(paper, "front")] == [(b, 2, "the new rule")]
    assert head_of(paper, "back") == back
    with reading(paper) as connection:
        assert [slug for _, slug, _ in feeds_of(connection, a)] == ["back", "paper"]


def test_rule_that_changes_nothing_changes_no_version(paper: Engine) -> None:
    arrive(paper, "paper", entry("a"), feeds=["front"])
    before = head_of(paper, "front")
    same = {"a": (Target("feed", "front", "because of front"),)}
    assert replaced(paper, judged(paper, same), "front") == 0
    assert head_of(paper, "front") == before


def test_judging_anew_relabels_articles(paper: Engine) -> None:
    arrive(paper, "paper", entry("a"))
    target = {"a": (Target("topic", "economy", "mortgage"),)}
    assert replaced(paper, judged(paper, target, ("economy",)), "economy", "topic") == 1
    with reading(paper) as connection:
        assert list_articles(connection, after_id=0, limit=9)[0].topics == ("economy",)


def test_unknown_feed_is_none_and_all_known_are_listed(paper: Engine) -> None:
    with reading(paper) as connection:
        assert find_feed(connection, "feed", "economy") is None
        assert find_feed(connection, "source", "front") is None
        assert len(list_feeds(connection, PUBLISHED)) == 5
