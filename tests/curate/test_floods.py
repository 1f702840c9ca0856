"""The floods that feeds are known for, each as a short sequence of documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from aggregator.curate.held import admission_of, released
from aggregator.model import Article, ArticleState, Configuration, Entry
from aggregator.model.reading import SourceKind
from tests.curate.papers import NOON, PAPER, Memory, entry, identified
from tests.curate.scenarios import DAY, HOUR, MINUTE, NAMES, gated, stories
from tests.stored import Stored

#: on the gate alone, and through a real store
pytestmark = pytest.mark.usefixtures("each_memory")


def test_empty_first_document_is_no_import() -> None:
    memory = gated()
    memory.source = replace(memory.source, initial_items=3)
    if isinstance(memory, Stored):
        memory.use(Configuration(), NOON)
    memory.poll([], NOON)
    fresh = entry("fresh", published=NOON + MINUTE)
    memory.poll([fresh, *stories(*NAMES)], NOON + HOUR)
    assert memory.out() == ["About fresh", "About bridge", "About harbour"]


def test_first_document_that_was_not_whole_lets_no_archive_out_at_once() -> None:
    memory = gated()
    memory.poll(stories("tower"), NOON)
    archive = stories(*(f"story{n}" for n in range(60)))[1:]
    memory.poll([*stories("tower"), *archive], NOON + HOUR)
    assert len(memory.out()) == 11
    held = [a for a in memory.articles.values() if a.state is ArticleState.HELD]
    assert {a.reason for a in held} == {"one of 59 old entries that came at once"}
    assert max(a.release_at for a in held if a.release_at) == NOON + 25 * HOUR


def test_dates_stamped_at_every_fetch_move_nothing() -> None:
    memory = gated()
    for poll in range(5):
        now = NOON + poll * HOUR
        memory.poll([replace(identified(replace(e, published=now))) for e in stories(*NAMES)], now)
    assert memory.out() == [f"About {name}" for name in NAMES]
    assert max(a.sort_date for a in memory.articles.values()) <= NOON - DAY
    assert set(memory.changed_at.values()) == {NOON}
    assert {a.entry.published for a in memory.articles.values()} == {NOON}


def test_published_may_move_earlier() -> None:
    memory = gated()
    memory.poll(stories("bridge"), NOON)
    memory.poll([identified(replace(stories("bridge")[0], published=NOON - 9 * DAY))], NOON + HOUR)
    assert memory.articles[1].entry.published == NOON - 9 * DAY
    assert memory.articles[1].sort_date == NOON - DAY


@pytest.mark.parametrize("before", [None, NOON + 400 * DAY], ids=["missing", "in the future"])
def test_date_corrected_alone_is_taken_over_quietly(before: datetime | None) -> None:
    memory, one = gated(), entry("bridge", published=before, updated=NOON)
    memory.poll([one], NOON)
    sorted_by = memory.articles[1].sort_date
    right = replace(one, published=NOON - 9 * DAY, updated=NOON + DAY)
    assert [a.change for a in memory.poll([right], NOON + DAY).admissions] == ["date corrected; kept quiet"]
    stands = memory.articles[1]
    assert (stands.entry.published, stands.entry.updated) == (NOON - 9 * DAY, NOON)
    assert (stands.sort_date, memory.changed_at[1]) == (sorted_by, NOON)
    # neither the same again nor a later date is anything to write
    for later in (0, 5):
        again = replace(right, published=NOON - 9 * DAY + later * HOUR, updated=NOON + later * DAY)
        assert memory.poll([again], NOON + 2 * DAY).admissions == ()


@pytest.mark.parametrize("kind", ["page", "json"])
def test_date_in_words_stays_what_it_was_when_it_was_first_read(kind: SourceKind) -> None:
    memory = Memory(replace(PAPER, kind=kind))
    one = entry("bridge", published=NOON - 3 * HOUR)
    memory.poll([one], NOON)
    yesterday = replace(one, published=NOON - 12 * HOUR)
    assert memory.poll([yesterday], NOON + DAY).admissions == ()
    edited = identified(replace(yesterday, title="Other words"))
    assert [a.entry.published for a in memory.poll([edited], NOON + DAY).admissions] == [NOON - 3 * HOUR]


def test_sole_date_of_an_entry_may_be_corrected_whatever_it_is_called() -> None:
    memory, one = gated(), entry("bridge", published=None, updated=NOON)
    memory.poll([one], NOON)
    for said, kept in ((NOON + DAY, NOON), (NOON - DAY, NOON - DAY), (NOON, NOON - DAY), (None, NOON - DAY)):
        memory.poll([replace(one, updated=said)], NOON + HOUR)
        assert memory.articles[1].entry.updated == kept


def test_undated_entries_are_never_new_twice() -> None:
    memory = gated()
    memory.poll(stories(*NAMES), NOON)
    undated = [identified(replace(e, published=None)) for e in stories(*NAMES)]
    for poll in range(1, 4):
        memory.poll(undated, NOON + poll * HOUR)
    assert memory.out() == [f"About {name}" for name in NAMES]
    assert set(memory.changed_at.values()) == {NOON}


def test_future_entry_can_wait_for_its_date() -> None:
    memory = gated(future="hold")
    memory.poll(stories("bridge"), NOON)
    memory.poll([entry("gala", published=NOON + DAY), *stories("bridge")], NOON + HOUR)
    gala = memory.articles[2]
    assert (gala.state, gala.release_at) == (ArticleState.HELD, NOON + DAY)
    assert gala.reason == "its date is in the future"
    # the publisher corrects the date, and nothing else
    memory.poll([entry("gala", published=NOON + 2 * HOUR), *stories("bridge")], NOON + HOUR)
    assert (memory.articles[2].state, memory.articles[2].release_at) == (ArticleState.HELD, NOON + 2 * HOUR)


def habit(memory: Memory | Stored, polls: int, each: int) -> datetime:
    """Let the source send *each* new entries in each of some hourly polls; return the last poll's time."""
    for poll in range(polls + 1):
        now = NOON + poll * HOUR
        memory.poll([entry(f"p{poll}e{n}", published=now) for n in range(each)], now)
    return NOON + polls * HOUR


def flood(count: int, now: datetime) -> list[Entry]:
    return [entry(f"flood{n}", published=now - n * MINUTE) for n in range(count)]


def test_burst_goes_out_over_a_day_newest_first() -> None:
    memory = gated()
    now = habit(memory, 4, 1) + HOUR
    admitted = memory.poll(flood(60, now), now)
    out = [a.entry.title for a in admitted.admissions if a.state is ArticleState.OUT]
    held = [a for a in admitted.admissions if a.state is ArticleState.HELD]
    assert sorted(out) == sorted(f"About flood{n}" for n in range(10))
    assert len(held) == 50
    assert {a.reason for a in held} == {"one of 60 new entries in one poll, about 1 are usual"}
    releases = [a.release_at for a in sorted(held, key=lambda a: a.sort_date, reverse=True)]
    assert releases == sorted(release for release in releases if release)
    assert now < releases[0] <= releases[-1] == now + DAY


@pytest.mark.parametrize(
    ("each", "count", "switches"),
    [(1, 30, {}), (3, 60, {}), (40, 400, {}), (1, 60, {"burst": False})],
    ids=["thirty are few", "twenty times the habit", "a busy source", "switched off"],
)
def test_steady_source_is_not_delayed(each: int, count: int, switches: dict[str, object]) -> None:
    memory = gated(**switches)
    now = habit(memory, 4, each) + HOUR
    admitted = memory.poll(flood(count, now), now)
    assert {a.state for a in admitted.admissions} == {ArticleState.OUT}


def test_source_without_a_habit_is_not_delayed() -> None:
    memory = gated()
    now = habit(memory, 2, 1) + HOUR
    assert {a.state for a in memory.poll(flood(60, now), now).admissions} == {ArticleState.OUT}


def test_arrears_of_a_long_pause_are_no_burst() -> None:
    memory = gated()
    now = habit(memory, 10, 1) + 3 * DAY
    assert {a.state for a in memory.poll(flood(60, now), now).admissions} == {ArticleState.OUT}


def test_hold_window_holds_everything_new_for_its_time() -> None:
    memory = gated(hold_s=7200)
    memory.poll(stories("bridge"), NOON)
    article = memory.articles[1]
    assert (article.state, article.release_at) == (ArticleState.HELD, NOON + 2 * HOUR)
    memory.poll([identified(replace(stories("bridge")[0], title="Bridge collapses"))], NOON + HOUR)
    article = memory.articles[1]
    assert (article.state, article.release_at) == (ArticleState.HELD, NOON + 2 * HOUR)
    assert article.entry.title == "Bridge collapses"


def test_of_two_waits_the_longer_counts() -> None:
    memory = gated(hold_s=7200, future="hold")
    memory.poll([entry("soon", published=NOON + HOUR), entry("late", published=NOON + DAY)], NOON)
    assert {a.entry.title: a.release_at for a in memory.articles.values()} == {
        "About soon": NOON + 2 * HOUR,
        "About late": NOON + DAY,
    }


def test_released_articles_keep_dates_and_ids() -> None:
    memory = gated(hold_s=7200)
    (held,) = memory.poll(stories("bridge"), NOON).admissions
    article = Article(
        id=1,
        source_id=1,
        entry=held.entry,
        published_id=held.published_id,
        first_seen=held.first_seen,
        changed_at=NOON,
        sort_date=held.sort_date,
        state=held.state,
        reason=held.reason,
        release_at=held.release_at,
    )
    assert admission_of(article).release_at == NOON + 2 * HOUR
    out = released(admission_of(article))
    assert (out.state, out.reason, out.release_at, out.sort_date) == (ArticleState.OUT, "", None, NOON - DAY)


def test_entry_that_vanishes_and_returns_is_not_new() -> None:
    memory = gated()
    memory.poll(stories(*NAMES), NOON)
    memory.poll([], NOON + HOUR)
    memory.poll(stories(*NAMES[:2]), NOON + DAY)
    back = memory.poll(stories(*NAMES), NOON + 9 * DAY)
    assert back.admissions == ()
    assert len(back.seen_ids) == len(NAMES)


def test_expired_entry_that_returns_stays_away() -> None:
    memory = gated()
    memory.poll(stories(*NAMES), NOON)
    memory.expire(1)
    back = memory.poll(stories(*NAMES), NOON + 400 * DAY)
    assert back.admissions == ()
