"""What the scenarios of the gate are made of: one source, its entries, and what remembers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from aggregator.model import Entry, Gate
from tests.curate.papers import NOON, PAPER, Memory, entry, identified
from tests.stored import Stored

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

STORY = "<p>The council met on Monday and voted, after a long debate, to mend the bridge by spring.</p>"
NAMES = ("bridge", "harbour", "school", "theatre", "market", "library")
#: the store that remembers the source of the running test; None: a memory alone
REMEMBERING: list[Engine | None] = [None]


def stories(*names: str, **fields: object) -> list[Entry]:
    """Entries of different days, newest first, each with words of its own."""
    return [
        entry(name, content=STORY.replace("bridge", name), published=NOON - (number + 1) * DAY, **fields)
        for number, name in enumerate(names)
    ]


def gated(**switches: object) -> Memory | Stored:
    """A memory of a source with these switches, all entries of the first import out."""
    gate = Gate(**switches)  # type: ignore[arg-type]
    paper = replace(PAPER, initial_items=1000, gate=gate)
    return Memory(paper) if REMEMBERING[0] is None else Stored(REMEMBERING[0], paper)


def moved(entries: Sequence[Entry], old: str, new: str) -> list[Entry]:
    """The same entries with one part of their ids and links replaced."""
    return [
        identified(replace(e, id=e.id.replace(old, new), link=(e.link or "").replace(old, new)))
        for e in entries
    ]
