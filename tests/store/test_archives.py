"""The past of a feed: cut by numbers of entry, closed for good, and what a sleeper still finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from aggregator.model import Archive, Article, ArticleState, Configuration, Feed, Item, Site, Timed
from aggregator.pipeline.editions import publish_feed
from aggregator.pipeline.ranking import age_feeds
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.retention import expire
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.archives import count_archives, find_archive, read_archive, read_withdrawn
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.issues import save_issue
from aggregator.store.feeds.live import read_live
from aggregator.store.feeds.ranks import save_ranks
from aggregator.store.stories.telling import save_members
from tests.store.making import (
    DAY,
    HOUR,
    NOW,
    admission,
    apply,
    arrive,
    claim_one,
    entry,
    head_of,
    member,
    placed,
    poll,
    source,
    store,
)

SMALL = Configuration(
    sources=(source("Paper", keep_s=30 * 86400),), feeds=(Feed(slug="front", title="Front", limit=4),)
)


@pytest.fixture
def paper(engine: Engine) -> Engine:
    """A feed whose archives hold four articles; the source was imported long ago."""
    apply(engine, SMALL)
    arrive(engine, "paper", at=NOW - 99 * DAY)
    return engine


def bring(engine: Engine, *keys: str, at: datetime = NOW, **fields: object) -> None:
    arrive(engine, "paper", *(entry(key, published=at, **fields) for key in keys), feeds=["front"], at=at)


def archive_of(engine: Engine, number: int) -> tuple[Archive, list[Item]]:
    head = head_of(engine)
    with reading(engine) as connection:
        archive = find_archive(connection, head, number)
        assert archive is not None
        return archive, list(read_archive(connection, head, archive))


def live(engine: Engine) -> list[str]:
    """Keys in the live document: the newest four, and what stays whatever its date."""
    head = head_of(engine)
    with reading(engine) as connection:
        items, late = read_live(connection, head, limit=head.limit)
    kept = [item for place, item in enumerate(items) if place < head.limit or item.article.id in late]
    return [item.article.entry.key for item in kept]


def keys(items: list[Item]) -> list[str]:
    return [item.article.entry.key for item in items]


def test_an_archive_is_cut_by_entry_not_by_date(paper: Engine) -> None:
    for number in range(1, 10):
        bring(paper, f"k{number}", at=NOW - number * DAY)
    assert head_of(paper).newest_archive == 2
    assert keys(archive_of(paper, 1)[1]) == ["k1", "k2", "k3", "k4"]
    assert keys(archive_of(paper, 2)[1]) == ["k5", "k6", "k7", "k8"]
    first, second = archive_of(paper, 1)[0], archive_of(paper, 2)[0]
    assert (first.previous, first.next, second.previous, second.next) == (None, 2, 1, None)


def test_archives_and_live_document_together_hold_everything(paper: Engine) -> None:
    for number in range(1, 31):
        # every third comes late, with a date behind all others
        date = NOW - 90 * DAY if number % 3 == 0 else NOW + number * HOUR
        arrive(
            paper, "paper", entry(f"k{number}", published=date), feeds=["front"], at=NOW + number * 10 * DAY
        )
        archived = {
            key
            for n in range(1, (head_of(paper).newest_archive or 0) + 1)
            for key in keys(archive_of(paper, n)[1])
        }
        assert archived | set(live(paper)) == {f"k{n}" for n in range(1, number + 1)}


def test_an_edited_article_stays_as_it_was_in_its_archive(paper: Engine) -> None:
    bring(paper, "a", "b", "c", "d")
    before = archive_of(paper, 1)
    for hour in (1, 2, 3):
        bring(paper, "b", at=NOW + hour * HOUR, content=f"<p>Edited {hour} times</p>")
    assert archive_of(paper, 1) == before
    head = head_of(paper)
    with reading(paper) as connection:
        items, _ = read_live(connection, head, limit=4)
    assert "Edited 3 times" in {i.article.entry.key: i.article.entry.content for i in items}["b"]


def test_an_edit_dated_before_the_closing_by_another_clock_changes_no_archive(paper: Engine) -> None:
    bring(paper, "a", "b", "c", "d")
    before = archive_of(paper, 1)
    bring(paper, "b", at=NOW - HOUR, content="<p>Edited by a worker whose clock is slow</p>")
    assert archive_of(paper, 1) == before


def test_a_withdrawn_article_leaves_its_archive_and_is_told(paper: Engine) -> None:
    bring(paper, "a", "b", "c", "d", "e")
    untouched = archive_of(paper, 1)[0]
    withdraw(paper, "b", NOW + DAY)
    archive, items = archive_of(paper, 1)
    assert sorted(keys(items)) == ["a", "c", "d"]
    assert (archive.changes, archive.changed_at) == (untouched.changes + 1, NOW + DAY)
    head = head_of(paper)
    with reading(paper) as connection:
        for told in (read_withdrawn(connection, head, archive), read_withdrawn(connection, head)):
            assert [(one.published_id, one.at) for one in told] == [("tag:test,2026:b", NOW + DAY)]
        own = find_feed(connection, "source", "paper")
        assert own is not None
        assert len(read_withdrawn(connection, own)) == 1


def test_what_comes_back_is_not_withdrawn_any_more(paper: Engine) -> None:
    bring(paper, "a")
    withdraw(paper, "a", NOW + HOUR)
    bring(paper, "a", at=NOW + DAY, content="<p>Back again</p>")
    with reading(paper) as connection:
        assert read_withdrawn(connection, head_of(paper)) == ()
    assert live(paper) == ["a"]


def test_an_archive_that_told_of_what_came_back_is_another_one(paper: Engine) -> None:
    bring(paper, "a", "b", "c", "d")
    withdraw(paper, "b", NOW + HOUR)
    told = archive_of(paper, 1)[0]
    bring(paper, "b", at=NOW + DAY, content="<p>Back again</p>")
    silent, items = archive_of(paper, 1)
    with reading(paper) as connection:
        assert read_withdrawn(connection, head_of(paper), silent) == ()
    assert sorted(keys(items)) == ["a", "c", "d"]
    assert (silent.changes, silent.changed_at) == (told.changes + 1, NOW + DAY)


def withdraw(engine: Engine, key: str, at: datetime) -> None:
    claim = claim_one(engine, "paper", at)
    with reading(engine) as connection:
        from aggregator.store.articles.knowing import Listed, load_known

        one = entry(key, published=NOW)
        old = load_known(connection, {claim.source_id: Listed([one])}, NOW)[claim.source_id].articles[key]
    taken = admission(
        claim,
        one,
        article_id=old.id,
        published_id=old.published_id,
        first_seen=old.first_seen,
        sort_date=old.sort_date,
        state=ArticleState.WITHDRAWN,
        reason="the publisher took it back",
    )
    store(engine, poll(claim, placed(taken), at=at))


def test_a_late_arrival_stays_for_two_days_and_then_leaves(paper: Engine) -> None:
    bring(paper, "a", "b", "c", "d")
    bring(paper, "old", "older", "oldest", at=NOW, link=None)
    arrive(paper, "paper", entry("late", published=NOW - 90 * DAY), feeds=["front"], at=NOW + HOUR)
    assert "late" in live(paper)
    before = head_of(paper).version
    assert tidy(paper, NOW + 48 * HOUR) == 0
    assert (head_of(paper).version, "late" in live(paper)) == (before, True)
    assert tidy(paper, NOW + 50 * HOUR) >= 1
    assert head_of(paper).version != before
    assert "late" not in live(paper)
    settled = head_of(paper).version
    assert tidy(paper, NOW + 60 * HOUR) == 0
    assert head_of(paper).version == settled


def test_time_alone_changes_nothing_until_it_is_stored(paper: Engine) -> None:
    bring(paper, "a", "b", "c", "d", "e", "f")
    assert (live(paper), head_of(paper)) == (live(paper), head_of(paper))
    assert len(live(paper)) == 6


def test_first_import_is_history_and_not_held_for_two_days(engine: Engine) -> None:
    apply(engine, SMALL)
    arrive(
        engine,
        "paper",
        *(entry(f"k{n}", published=NOW - n * 10 * DAY) for n in range(1, 9)),
        feeds=["front"],
    )
    assert live(engine) == ["k1", "k2", "k3", "k4"]


@pytest.mark.parametrize("how", [{"order": "top"}, {"duplicates": "link"}], ids=str)
def test_what_leaves_from_behind_the_last_place_changes_the_feed(paper: Engine, how: dict[str, Any]) -> None:
    apply(paper, replace(SMALL, feeds=(Feed(slug="front", title="Front", limit=1, **how),)))
    # the newest is a copy of the oldest, which stands for both, and behind in the ranks
    same = "https://paper.example/same"
    bring(paper, "old", at=NOW - 99 * HOUR, link=same)
    bring(paper, "first", at=NOW - 98 * HOUR)
    bring(paper, "newest", at=NOW, link=same, words=99)
    old, first, newest = 1, 2, 3
    with writing(paper) as connection:
        save_members(connection, [member(old), member(first), member(newest, link_id=old)], {})
        save_ranks(connection, head_of(paper).id, [(first, 1, ""), (newest, 2, ""), (old, 3, "")], NOW)
    before = shown(paper)
    tidy(paper, NOW + 49 * HOUR)
    after = shown(paper)
    assert ("newest" in before[1], "newest" in after[1]) == (True, False)
    assert before[0] != after[0]


def test_issues_are_no_others_because_time_passes(paper: Engine) -> None:
    timed = Feed(slug="front", title="Front", limit=1, timed=Timed(form="best", every="day"))
    apply(paper, replace(SMALL, feeds=(timed,)))
    arrive(paper, "paper", *(entry(f"k{n}") for n in range(3)), at=NOW)
    with writing(paper) as connection:
        chosen = [(article, place, "") for place, article in enumerate(_all(connection), 1)]
        assert save_issue(connection, head_of(paper), NOW - DAY, NOW, chosen, NOW)
    before = shown(paper)
    tidy(paper, NOW + 3 * DAY)
    assert shown(paper) == before


def _all(connection: Connection) -> Sequence[Article]:
    return list_articles(connection, after_id=0, limit=10)


def shown(engine: Engine) -> tuple[str, str]:
    """The version of the feed, and its document."""
    head = head_of(engine)
    with reading(engine) as connection:
        return head.version, publish_feed(connection, head, Site(), "atom").body.decode()


def tidy(engine: Engine, now: datetime) -> int:
    return age_feeds(engine, now)


def test_all_feeds_age_in_few_at_a_time(paper: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.store.feeds.live.ROUND", 1)
    slugs = [f"front-{number}" for number in range(3)]
    apply(paper, replace(SMALL, feeds=tuple(replace(SMALL.feeds[0], slug=slug) for slug in slugs)))
    arrive(paper, "paper", *(entry(f"k{n:02}") for n in range(60)), feeds=slugs)
    assert tidy(paper, NOW + 3 * DAY) == 4
    assert [head_of(paper, slug).recent_from for slug in slugs] == [NOW + DAY] * 3


def test_archives_that_lost_everything_are_gone_and_their_numbers_never_used_again(paper: Engine) -> None:
    bring(paper, *(f"k{n}" for n in range(8)), at=NOW - 60 * DAY)
    bring(paper, "new", at=NOW)
    with writing(paper) as connection:
        assert expire(connection, NOW) == 8
    head = head_of(paper)
    assert head.newest_archive is None
    with reading(paper) as connection:
        assert find_archive(connection, head, 1) is None
        assert count_archives(connection, head) == 2
    bring(paper, "n1", "n2", "n3", at=NOW + HOUR)
    assert head_of(paper).newest_archive == 3


def test_a_renamed_feed_keeps_id_articles_and_archives(paper: Engine) -> None:
    bring(paper, "a", "b", "c", "d", "e")
    before = head_of(paper)
    renamed = Feed(slug="home", title="Home", limit=4, aliases=("/feeds/front",))
    apply(paper, replace(SMALL, feeds=(renamed,)), NOW + DAY)
    after = head_of(paper, "home")
    assert (after.uid, after.id, after.newest_archive) == (before.uid, before.id, 1)
    with reading(paper) as connection:
        assert find_feed(connection, "feed", "front") is None


def test_a_longer_archive_span_holds_for_the_archives_to_come(paper: Engine) -> None:
    bring(paper, "a", "b", "c", "d", "e")
    apply(paper, replace(SMALL, feeds=(Feed(slug="front", title="Front", limit=6),)), NOW + HOUR)
    bring(paper, *(f"k{n}" for n in range(5)), at=NOW + DAY)
    spans = [(a.first, a.last) for a in (archive_of(paper, 1)[0], archive_of(paper, 2)[0])]
    assert spans == [(1, 4), (5, 10)]


def test_many_articles_at_once_make_several_archives(paper: Engine) -> None:
    bring(paper, *(f"k{n:02}" for n in range(21)))
    assert head_of(paper).newest_archive == 5
    assert head_of(paper).archived_to == 20


def test_boundary_of_a_silent_feed_is_looked_at_once(paper: Engine) -> None:
    bring(paper, "a")
    tidy(paper, NOW + timedelta(days=9))
    head = head_of(paper)
    assert head.recent_from == NOW + timedelta(days=7)
    tidy(paper, NOW + timedelta(days=10))
    assert head_of(paper) == head
