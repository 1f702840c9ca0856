"""Ids, hosts, schemes or links that change: old posts are not new again, and new ones are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.model import Configuration, Entry
from aggregator.parse.identity import identify
from tests.curate.papers import NOON, entry, identified
from tests.curate.scenarios import DAY, HOUR, NAMES, STORY, gated, moved, stories
from tests.stored import Stored

#: on the gate alone, and through a real store
pytestmark = pytest.mark.usefixtures("each_memory")


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


def test_the_name_of_a_program_in_all_links_is_no_title() -> None:
    memory = gated()
    page = "https://paper.example/view_article.php?id="

    def of_section(number: int) -> list[Entry]:
        """Another article for each day, with the days alone for dates."""
        return [
            identified(
                replace(e, id=f"{page}{number}{n}", link=f"{page}{number}{n}", published=NOON - (n + 2) * DAY)
            )
            for n, e in enumerate(stories(*(f"{name} in section {number}" for name in NAMES)))
        ]

    memory.poll(of_section(1), NOON)
    memory.poll(of_section(2), NOON + HOUR)
    assert len(memory.articles) == 2 * len(NAMES)


def test_blog_that_moves_to_another_program_is_known_by_its_dates_and_the_titles_in_its_links() -> None:
    names = [f"council-votes-on-{name}" for name in NAMES]
    memory = gated()
    old = [
        identified(
            replace(e, id=f"https://paper.example/?p={n}", link=f"https://paper.example/2026/02/{names[n]}/")
        )
        for n, e in enumerate(stories(*names))
    ]
    memory.poll(old, NOON)
    told = dict(memory.changed_at)
    new = [
        identified(
            replace(
                e,
                id=f"https://new.example/blog/{names[n]}.html",
                link=f"https://new.example/blog/{names[n]}.html",
                content="<p>The beginning …</p>",
            )
        )
        for n, e in enumerate(old)
    ]
    another = entry("n7", link=f"https://new.example/blog/{names[0]}.html?next", published=NOON + HOUR)
    memory.poll([another, *new], NOON + HOUR)
    assert len(memory.articles) == len(names) + 1
    assert {number: memory.changed_at[number] for number in told} == told


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
