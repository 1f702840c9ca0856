"""The floods that feeds are known for, each as a short sequence of documents.

Every scenario runs twice: on the gate alone, and through a real store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from aggregator.curate.held import admission_of, released
from aggregator.model import Article, ArticleState, Configuration, Enclosure, Entry, Gate
from aggregator.parse.identity import identify
from tests.curate.papers import NOON, PAPER, Memory, entry, identified
from tests.stored import Stored

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

STORY = "<p>The council met on Monday and voted, after a long debate, to mend the bridge by spring.</p>"


def stories(*names: str, **fields: object) -> list[Entry]:
    """Entries of different days, newest first, each with words of its own."""
    return [
        entry(name, content=STORY.replace("bridge", name), published=NOON - (number + 1) * DAY, **fields)
        for number, name in enumerate(names)
    ]


#: what remembers the source of the running test
_store: list[Engine | None] = [None]


@pytest.fixture(autouse=True, params=["alone", "stored"])
def _remembering(request: pytest.FixtureRequest) -> Iterator[None]:
    _store[0] = request.getfixturevalue("sqlite_engine") if request.param == "stored" else None
    yield
    _store[0] = None


def gated(**switches: object) -> Memory | Stored:
    """A memory of a source with these switches, all entries of the first import out."""
    gate = Gate(**switches)  # type: ignore[arg-type]
    paper = replace(PAPER, initial_items=1000, gate=gate)
    return Memory(paper) if _store[0] is None else Stored(_store[0], paper)


def moved(entries: Sequence[Entry], old: str, new: str) -> list[Entry]:
    """The same entries with one part of their ids and links replaced."""
    return [
        identified(replace(e, id=e.id.replace(old, new), link=(e.link or "").replace(old, new)))
        for e in entries
    ]


NAMES = ("bridge", "harbour", "school", "theatre", "market", "library")

MOVES = {
    "from http to https": ("https:", "http:"),
    "to another host": ("paper.example", "www.newpaper.example"),
    "to ids with a query": ("https://paper.example/", "https://paper.example/?utm_source=feed&p="),
    "to another folder": ("https://paper.example/", "https://paper.example/2026/archive/"),
    "to ids with a tag scheme": ("https://paper.example/", "tag:paper.example,2026:/"),
}


@pytest.mark.parametrize("move", MOVES)
def test_mass_change_of_ids_announces_nothing(move: str) -> None:
    memory = gated()
    memory.poll(stories(*NAMES), NOON)
    before, told = memory.out(), dict(memory.changed_at)
    memory.poll(moved(stories(*NAMES), *MOVES[move]), NOON + HOUR)
    assert memory.out() == before
    assert memory.changed_at == told
    assert {a.published_id for a in memory.articles.values()} == {f"https://paper.example/{n}" for n in NAMES}
    # the next poll knows them by their new keys, and a really new one goes out
    again = memory.poll([*stories("tower"), *moved(stories(*NAMES), *MOVES[move])], NOON + 2 * HOUR)
    assert [a.entry.title for a in again.admissions] == ["About tower"]


def test_ids_that_alternate_between_two_hosts_announce_nothing() -> None:
    memory = gated()
    for poll in range(6):
        entries = stories(*NAMES)
        memory.poll(moved(entries, "paper.example", "b.example") if poll % 2 else entries, NOON + poll * HOUR)
    assert len(memory.articles) == len(NAMES)
    assert set(memory.changed_at.values()) == {NOON}


def test_changed_ids_with_new_dates_are_known_by_their_words() -> None:
    memory = gated()
    memory.poll(stories(*NAMES), NOON)
    again = [
        identified(replace(e, id=f"n{n}", link=f"https://x.example/{n}", published=NOON + HOUR))
        for n, e in enumerate(stories(*NAMES))
    ]
    memory.poll(again, NOON + HOUR)
    assert len(memory.articles) == len(NAMES)
    assert max(a.sort_date for a in memory.articles.values()) == NOON - DAY


def test_whole_feed_with_new_ids_and_new_texts_is_known_by_date_and_place() -> None:
    memory = gated()
    memory.poll(stories(*NAMES), NOON)
    fuller = [identified(replace(e, content=e.content * 3, id=f"n{e.id}")) for e in stories(*NAMES)]
    memory.poll(fuller, NOON + HOUR)
    assert len(memory.articles) == len(NAMES)
    assert memory.articles[1].entry.content == fuller[-1].content


def test_ids_made_anew_at_every_fetch_announce_nothing() -> None:
    shapes: dict[str, dict[str, object]] = {
        "titles alone": {"link": None, "content": "", "published": None},
        "one link for all": {"link": "https://paper.example/", "content": "", "published": None},
        "short and dated": {"link": None, "content": "", "title": "Photo"},
        "links with a session": {"published": None},
    }
    for name, fields in shapes.items():
        for count in (3, 20):
            memory = gated()
            for poll in range(4):
                entries = []
                for number, e in enumerate(stories(*(f"item {n}" for n in range(count)))):
                    link = f"{e.link}?sid={poll}".replace(" ", "-")
                    entries.append(
                        identified(replace(e, **({"id": f"{poll}-{number}", "link": link} | fields)))
                    )
                memory.poll(entries, NOON + poll * HOUR)
            assert len(memory.articles) == count, (name, count)
            assert set(memory.changed_at.values()) == {NOON}


def test_everything_but_the_titles_in_the_links_changes() -> None:
    names = [f"council-votes-on-{name}" for name in NAMES]
    memory = gated()
    memory.poll(stories(*names), NOON)
    told = dict(memory.changed_at)
    new_site = [
        identified(
            replace(e, id=f"n{n}", link=f"https://new.example/{names[n]}.html", content="", published=NOON)
        )
        for n, e in enumerate(stories(*names))
    ]
    memory.poll(new_site, NOON + HOUR)
    assert (len(memory.articles), memory.changed_at) == (len(names), told)


def test_another_site_that_counts_from_one_again_is_news() -> None:
    memory = gated(burst=False)
    old = [replace(e, link=f"https://paper.example/?p={n}") for n, e in enumerate(stories(*NAMES))]
    memory.poll([identified(e) for e in old], NOON)
    new = [
        entry(f"n{n}", link=f"https://other.example/?p={n}", published=NOON + HOUR) for n in range(len(NAMES))
    ]
    memory.poll(new, NOON + 2 * HOUR)
    assert len(memory.articles) == 2 * len(NAMES)


def headlines(*titles: str) -> list[Entry]:
    """Entries of a page that has neither dates nor links, in its order."""
    plain = [replace(entry("x"), id="", link=None, published=None, content="", title=t) for t in titles]
    return list(identify(plain))


ENDS = (
    "again, twice, in May, at last, for good, says mayor, report finds, locals fear, experts warn, amid rain"
)
LINES = [
    f"{start} {end}"
    for end in ENDS.split(", ")
    for start in (
        "Council votes to keep the old bridge open",
        "Rail strike talks end without a deal tonight",
        "Storm brings floods to the western coast",
        "Museum finds a lost painting in its cellar",
        "Chancellor plans a new tax on sugar",
    )
]


def test_list_of_fifty_headlines_is_no_flood_whatever_becomes_of_it() -> None:
    memory = gated()
    memory.source = replace(memory.source, initial_items=10)
    if isinstance(memory, Stored):
        memory.use(Configuration(), NOON)
    changes = {
        "the first time": (LINES, 10),
        "in another order": (LINES[::-1], 10),
        "in capitals": ([line.upper() for line in LINES], 10),
        "one is mended": ([LINES[0] + " (updated)", *LINES[1:]], 10),
        "all are marked": ([f"Live: {line}" for line in LINES], 10),
        "and not any more": (LINES, 10),
        "a count grows": ([f"{line} ({n} comments)" for n, line in enumerate(LINES)], 10),
        "half are away": (LINES[:25], 10),
        "and return": (LINES, 10),
        "two are new": (
            ["Owl nests in the clock tower of the old town hall", "Ferry fares go up", *LINES[:48]],
            12,
        ),
        "one more, one mended": (
            [
                "Baker wins a prize",
                "Owl nests in a clock tower of the old town hall",
                "Ferry fares go up",
                *LINES[:47],
            ],
            13,
        ),
    }
    for poll, (what, (lines, out)) in enumerate(changes.items()):
        memory.poll(headlines(*lines), NOON + poll * HOUR)
        assert len(memory.out()) == out, what
    assert memory.out()[0] == "Baker wins a prize"
    assert len(memory.articles) == 53


def test_headlines_about_the_same_place_are_told_apart() -> None:
    memory = gated()
    memory.poll(
        headlines("Man arrested in Leeds", "Bus fares rise in Leeds", "Snow expected by Monday"), NOON
    )
    memory.poll(
        headlines("Man arrested in York", "Bus fares fall in York", "Snow expected by Friday"), NOON + HOUR
    )
    assert len(memory.out()) == 6


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


def test_one_entry_with_the_words_of_an_old_one_is_new() -> None:
    # a daily thread: the same words every day, under a new id with a new date
    memory = gated()
    for day in range(4):
        thread = entry(f"thread-{day}", title="Open thread", content=STORY, published=NOON + day * DAY)
        memory.poll([thread], NOON + day * DAY)
    assert len(memory.out()) == 4


def test_entries_that_share_one_link_are_not_taken_for_each_other() -> None:
    memory = gated()
    day = NOON - DAY
    for number in range(4):
        note = entry(
            str(number), link="https://paper.example/changes", title=f"Change {number}", published=day
        )
        memory.poll([note], NOON + number * HOUR)
    assert len(memory.out()) == 4


def test_changed_ids_are_new_when_the_rule_is_off() -> None:
    memory = gated(rekey=False, burst=False)
    memory.poll(stories(*NAMES), NOON)
    memory.poll(moved(stories(*NAMES), "https:", "http:"), NOON + HOUR)
    assert len(memory.out()) == 2 * len(NAMES)


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


def test_released_and_rejected_articles_keep_dates_and_ids() -> None:
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
    out = released(article)
    assert (out.state, out.reason, out.release_at, out.sort_date) == (ArticleState.OUT, "", None, NOON - DAY)


SMALL_EDITS = {
    "markup": {"content": STORY.replace("<p>", "<p class='lead'>").replace("spring", "<b>spring</b>")},
    "spelling": {"content": STORY.replace("mend", "mends")},
    "a count": {"content": STORY.replace("Monday", "Monday 17")},
    "link": {"link": "https://paper.example/bridge.html?from=feed"},
    "dates": {"published": NOON - 2 * DAY, "updated": NOON},
    "signed enclosure": {"enclosures": (Enclosure(url="https://paper.example/a.mp3?sig=2"),)},
}
REAL_EDITS = {
    "title": {"title": "About the bridge"},
    "a number in the title": {"title": "About bridge 2"},
    "text": {"content": STORY + "<p>On Tuesday the mayor said no, and the vote was void.</p>"},
    "enclosure": {"enclosures": (Enclosure(url="https://paper.example/b.mp3"),)},
}
FIRST = entry("bridge", content=STORY, enclosures=(Enclosure(url="https://paper.example/a.mp3?sig=1"),))


@pytest.mark.parametrize("edit", SMALL_EDITS)
def test_small_edit_is_stored_and_not_announced(edit: str) -> None:
    memory = gated()
    memory.poll([FIRST], NOON)
    (admission,) = memory.poll([identified(replace(FIRST, **SMALL_EDITS[edit]))], NOON + HOUR).admissions
    assert not admission.is_announced
    assert admission.entry.content == SMALL_EDITS[edit].get("content", STORY)
    assert memory.poll([identified(replace(FIRST, **SMALL_EDITS[edit]))], NOON + DAY).seen_ids == (1,)


@pytest.mark.parametrize("edit", REAL_EDITS)
@pytest.mark.parametrize("policy", ["silent", "update", "bump"])
def test_real_edit_follows_the_policy(edit: str, policy: str) -> None:
    memory = gated(edits=policy)
    memory.poll([FIRST], NOON)
    changed = identified(replace(FIRST, **REAL_EDITS[edit]))
    (admission,) = memory.poll([changed], NOON + HOUR).admissions
    assert admission.is_announced == (policy != "silent")
    assert admission.sort_date == (NOON + HOUR if policy == "bump" else NOON)
    assert admission.entry.title == changed.title


def test_entry_that_flips_between_two_versions_is_announced_once() -> None:
    memory = gated(edits="bump")
    other = identified(replace(FIRST, title="Another headline"))
    told = 0
    for poll in range(9):
        admitted = memory.poll([other if poll % 2 else FIRST], NOON + poll * HOUR)
        told += sum(a.is_announced for a in admitted.admissions if poll)
    assert told == 1
    assert memory.articles[1].sort_date == NOON + HOUR


def test_entry_that_changes_at_every_poll_is_announced_ten_times() -> None:
    memory = gated()
    told = 0
    for poll in range(30):
        admitted = memory.poll([identified(replace(FIRST, title=f"Version {poll}"))], NOON + poll * HOUR)
        told += sum(a.is_announced for a in admitted.admissions if poll)
    assert told == 10
    assert memory.articles[1].entry.title == "Version 29"


def test_box_below_every_text_is_no_news() -> None:
    box = "<p>Sign up for our letter and have the best of the paper at breakfast every day of the week.</p>"
    for policy in ("update", "bump"):
        memory = gated(edits=policy)
        memory.poll(stories(*NAMES), NOON)
        before, told = memory.out(), dict(memory.changed_at)
        boxed = [identified(replace(e, content=e.content + box)) for e in stories(*NAMES)]
        memory.poll(boxed, NOON + HOUR)
        assert (memory.out(), memory.changed_at) == (before, told)
        assert all(a.entry.content.endswith(box) for a in memory.articles.values())
        # one that is edited for itself is told as ever
        memory.poll([identified(replace(boxed[5], title="Library shut")), *boxed[:5]], NOON + 2 * HOUR)
        assert NOON + 2 * HOUR in memory.changed_at.values()


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
