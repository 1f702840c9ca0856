"""Edits: what is announced again, what is only stored, and what is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.model import Enclosure
from tests.curate.papers import NOON, entry, identified
from tests.curate.scenarios import DAY, HOUR, NAMES, STORY, gated, stories

#: on the gate alone, and through a real store
pytestmark = pytest.mark.usefixtures("each_memory")


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
