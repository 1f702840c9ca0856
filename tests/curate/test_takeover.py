"""A source that leads elsewhere or speaks another language all at once, as short sequences of documents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.model import Admission, ArticleState, Entry
from tests.curate.papers import NOON, entry
from tests.curate.scenarios import HOUR, NAMES, gated, stories

#: on the gate alone, and through a real store
pytestmark = pytest.mark.usefixtures("each_memory")


def strangers(*names: str, **fields: object) -> list[Entry]:
    """New entries of a feed that somebody else took over."""
    made = (entry(n, id=f"urn:{n}", content=f"<p>Win {n} now</p>", published=NOON + HOUR) for n in names)
    return [replace(one, link=f"https://casino.example.net/{one.id}", **fields) for one in made]  # type: ignore[arg-type]


def held(found: tuple[Admission, ...]) -> list[tuple[str, str]]:
    """Title and reason of those that wait, all of them for a person."""
    waiting = [one for one in found if one.state is ArticleState.HELD]
    assert all(one.release_at is None for one in waiting)
    return [(one.entry.title, one.reason) for one in waiting]


def test_what_leads_to_another_site_than_all_before_waits_for_a_person() -> None:
    memory = gated(takeover="hold")
    memory.poll(stories(*NAMES), NOON)
    found = memory.poll([*strangers("roulette"), *stories(*NAMES)], NOON + HOUR).admissions
    assert held(found) == [
        ("About roulette", "it leads to example.net, the articles before it to paper.example")
    ]
    later = stories("canal", "ferry", link="https://www.paper.example/by-the-water.html")
    found = memory.poll(
        [*later, *strangers("roulette", "poker"), *stories(*NAMES)], NOON + 2 * HOUR
    ).admissions
    assert [title for title, _ in held(found)] == ["About poker"]
    assert memory.out()[:2] == ["About canal", "About bridge"]


def test_what_is_marked_with_another_language_waits() -> None:
    memory = gated(takeover="hold")
    memory.poll(stories(*NAMES, language="en-GB"), NOON)
    new = [entry("canal", language="en", published=NOON), entry("kasyno", language="pl", published=NOON)]
    assert held(memory.poll(new, NOON + HOUR).admissions) == [
        ("About kasyno", "it is marked pl, the articles before it en")
    ]


def test_neither_a_first_document_nor_a_source_that_links_widely_has_anything_held() -> None:
    memory = gated(takeover="hold")
    memory.poll([*stories(*NAMES[:4]), *strangers("roulette", "poker", "dice")], NOON)
    elsewhere = entry("bingo", link="https://bingo.example.org/")
    assert held(memory.poll([elsewhere], NOON + HOUR).admissions) == []
    assert len(memory.out()) == 8


def test_too_few_articles_are_no_habit() -> None:
    memory = gated(takeover="hold")
    memory.poll(stories(*NAMES[:4]), NOON)
    assert held(memory.poll(strangers("roulette"), NOON + HOUR).admissions) == []


def test_nothing_waits_unless_it_is_asked_for() -> None:
    memory = gated()
    memory.poll(stories(*NAMES), NOON)
    assert held(memory.poll(strangers("roulette"), NOON + HOUR).admissions) == []


def test_a_whole_feed_that_moved_stays_what_it_was() -> None:
    memory = gated(takeover="hold")
    memory.poll(stories(*NAMES), NOON)
    there = [replace(one, link=(one.link or "").replace("paper.", "news.")) for one in stories(*NAMES)]
    assert held(memory.poll(there, NOON + HOUR).admissions) == []
