"""What the gate decides about single polls and short sequences of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aggregator.model import ArticleState
from tests.curate.papers import NOON, PAPER, Memory, entry, identified

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_new_entry_goes_out_and_the_same_again_is_only_seen() -> None:
    memory = Memory()
    first = memory.poll([entry("a")], NOON)
    assert [admission.entry.title for admission in first.admissions] == ["About a"]
    again = memory.poll([entry("a")], NOON + HOUR)
    assert again.admissions == ()
    assert again.seen_ids == (1,)


def test_first_import_sends_out_only_the_newest() -> None:
    memory = Memory(replace(PAPER, initial_items=2))
    memory.poll([entry(str(n), published=NOON - n * DAY) for n in (3, 1, 0, 2)], NOON)
    assert memory.out() == ["About 0", "About 1"]
    silent = [a for a in memory.articles.values() if a.state is ArticleState.SILENT]
    assert len(silent) == 2
    assert {a.reason for a in silent} == {"older than the newest 2 entries of the first import"}


def test_first_import_can_send_out_nothing() -> None:
    memory = Memory(replace(PAPER, initial_items=0))
    memory.poll([entry("a")], NOON)
    assert memory.out() == []
    memory.poll([entry("b"), entry("a")], NOON + HOUR)
    assert memory.out() == ["About b"]


def test_undated_entries_of_a_first_import_stand_behind_the_dated() -> None:
    memory = Memory()
    memory.poll(
        [
            entry("undated", published=None),
            entry("old", published=NOON - 9 * DAY),
            entry("last", published=None),
        ],
        NOON,
    )
    assert memory.out() == ["About old", "About undated", "About last"]


def test_wholly_undated_first_import_is_never_now_and_keeps_the_order() -> None:
    memory = Memory()
    memory.poll([entry(name, published=None) for name in "abc"], NOON)
    assert memory.out() == ["About a", "About b", "About c"]
    assert max(a.sort_date for a in memory.articles.values()) <= NOON - DAY


def test_first_import_stamped_by_the_fetch_counts_as_undated() -> None:
    memory = Memory()
    memory.poll([entry(name, published=NOON - timedelta(seconds=9)) for name in "abc"], NOON)
    assert memory.out() == ["About a", "About b", "About c"]
    assert max(a.sort_date for a in memory.articles.values()) <= NOON - DAY


def test_first_import_of_a_busy_hour_keeps_its_dates() -> None:
    dates = [NOON - timedelta(seconds=9 * n) for n in range(9)]
    memory = Memory()
    memory.poll([entry(str(n), published=date) for n, date in enumerate(dates)], NOON)
    assert sorted((a.sort_date for a in memory.articles.values()), reverse=True) == dates


def test_undated_entries_of_later_polls_keep_the_order_of_the_document() -> None:
    memory = Memory()
    memory.poll([entry("a", published=None)], NOON)
    memory.poll([entry(name, published=None) for name in "cba"], NOON + HOUR)
    assert memory.out() == ["About c", "About b", "About a"]
    assert memory.articles[3].sort_date <= NOON + HOUR


def test_future_date_never_sorts_above_now() -> None:
    memory = Memory()
    memory.poll([entry("a", published=NOON + 300 * DAY)], NOON)
    assert memory.articles[1].sort_date == NOON
    assert memory.articles[1].entry.published == NOON + 300 * DAY


def test_updated_stands_in_for_a_missing_published() -> None:
    memory = Memory()
    memory.poll([entry("a", published=None, updated=NOON - DAY)], NOON)
    assert memory.articles[1].sort_date == NOON - DAY


def test_changed_entry_updates_its_article_and_keeps_its_place() -> None:
    memory = Memory()
    memory.poll([entry("a")], NOON)
    changed = memory.poll([entry("a", title="Better title", published=NOON + HOUR)], NOON + 2 * HOUR)
    (admission,) = changed.admissions
    assert admission.article_id == 1
    assert admission.entry.title == "Better title"
    assert (admission.sort_date, admission.first_seen) == (NOON, NOON)
    assert admission.published_id == "https://paper.example/a"


def test_changed_entry_stays_silent_with_its_reason() -> None:
    memory = Memory(replace(PAPER, initial_items=0))
    memory.poll([entry("a")], NOON)
    (admission,) = memory.poll([entry("a", title="Better")], NOON + HOUR).admissions
    assert admission.state is ArticleState.SILENT
    assert admission.reason == memory.articles[1].reason != ""


def test_tombstoned_entry_never_comes_back() -> None:
    memory = Memory()
    memory.tombstones.add(entry("a").key)
    admitted = memory.poll([entry("a"), entry("b")], NOON)
    assert [admission.entry.title for admission in admitted.admissions] == ["About b"]


def test_publishers_id_is_kept_character_by_character() -> None:
    for name in ("tag:paper.example,2026:/ä?x=1#y", "urn:isbn:12", "HTTPS://Paper.Example/%7ea"):
        (admission,) = Memory().poll([entry("x", id=name)], NOON).admissions
        assert admission.published_id == name


def test_id_that_is_no_iri_becomes_the_same_urn_everywhere() -> None:
    wanted = None
    for name in ("17", "two words: x", "", "no-colon", "x:<y>", "http:"):
        memory = Memory()
        (admission,) = memory.poll([identified(replace(entry("x"), id=name))], NOON).admissions
        (again,) = Memory().poll([identified(replace(entry("x"), id=name))], NOON + DAY).admissions
        assert admission.published_id.startswith("urn:uuid:")
        assert admission.published_id == again.published_id != wanted
        wanted = admission.published_id


def test_id_of_another_source_is_not_taken_over() -> None:
    memory = Memory()
    memory.taken.add("https://paper.example/a")
    (admission,) = memory.poll([entry("a")], NOON).admissions
    assert admission.published_id.startswith("urn:uuid:")


def test_one_id_reused_in_one_document_is_published_once() -> None:
    memory = Memory()
    twins = [replace(entry("a"), key="a#1"), replace(entry("a", title="Other"), key="a#2")]
    ids = [admission.published_id for admission in memory.poll(twins, NOON).admissions]
    assert len(set(ids)) == 2


def test_later_articles_get_later_numbers() -> None:
    memory = Memory()
    memory.poll([entry("new"), entry("old", published=NOON - DAY)], NOON)
    assert [memory.articles[n].entry.title for n in (1, 2)] == ["About old", "About new"]
