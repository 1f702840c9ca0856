"""The values that go into the story index and come out of it; they do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: how an article came into its story, from the strongest tie to none
Tie = Literal["link", "text", "event", "first"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article as the index is told of it."""

    article_id: int
    #: who speaks (outlets.outlet_of): two feeds of one broadcaster are one
    outlet: str
    #: canonical (links.canonical_link); None if it has none of its own
    link: str | None
    #: as dump_sketch wrote it
    sketch: str
    #: the article's sort date
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where an article belongs."""

    article_id: int
    #: the article that opened the story: itself where it opens one
    story_id: int
    #: the first article with the same text, itself if none has
    text_id: int
    #: the first article with the same link, itself if none has
    link_id: int
    tie: Tie
    #: how sure, from 0 to 1; 0 for a story of its own
    score: float
    #: (story id, score) of stories about something close, closest first; at most a few
    related: tuple[tuple[int, float], ...] = ()
