"""What is kept of a story: its articles flow in, the little that the next is compared with stays.

Most stories have one article and are never compared, so a story keeps no more than sketches, a
text each; what an article is compared with is drawn from them when it is (portrait.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

#: articles a story is compared by in headlines, names and word order, the first: enough, and bounded
REMEMBERED = 8


class Remembered(NamedTuple):
    """An article that was told: where it was placed, who printed it and when, and its sketch."""

    story_id: int
    #: the first article with its link, and with its text
    link_id: int
    text_id: int
    outlet: str
    at: datetime
    #: as dump_sketch wrote it
    sketch: str


@dataclass(slots=True, eq=False)
class Story:
    """One story, as it is kept."""

    id: int
    first_at: datetime
    last_at: datetime
    #: how many articles tell it
    count: int = 0
    #: who tells it, as long as only one does
    only_outlet: str | None = None
    #: the first articles, and those whose text is known again, the newest: at most REMEMBERED each
    first: tuple[Remembered, ...] = ()
    newest: tuple[Remembered, ...] = ()
    #: word -> what it weighs, once there are more articles than the first; None: drawn from their sketches
    words: dict[str, float] | None = None
    #: square of the length of the weighed words, kept up with; and how many stories there were
    #: when it was taken anew
    square: float = 0.0
    square_at: int = 0

    def add(self, told: Remembered) -> None:
        """Take an article in."""
        self.first_at, self.last_at = min(self.first_at, told.at), max(self.last_at, told.at)
        self.only_outlet = told.outlet if self.count == 0 or told.outlet == self.only_outlet else None
        self.count += 1
        self.newest = (*self.newest[1 - REMEMBERED :], told)
        if self.count <= REMEMBERED:
            self.first = self.newest
