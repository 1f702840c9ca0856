"""What is wrong with a source or a published feed, as judged and as remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TroubleKind(StrEnum):
    """The classes of trouble, as the feed of problems and ``status`` name them."""

    MOVED = "moved"  # the configuration names an address that has moved for good
    GONE = "gone"  # 410
    CHALLENGE = "challenge"  # a bot wall
    CERTIFICATE = "certificate"
    FAILING = "failing"  # no answer for a day or more, for any other reason
    LOSSY = "lossy"  # entries may come and go between two polls
    SILENT = "silent"  # nothing new for longer than it ever was silent
    DOMAIN = "domain"  # its entries lead somewhere else all at once
    LANGUAGE = "language"
    RATE = "rate"  # many times more entries than usual
    STALE = "stale"  # a published feed does not change any more


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing wrong now."""

    kind: TroubleKind
    #: one line
    title: str
    #: plain text, one or two sentences: what was seen and what to do
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemEvent:
    """A trouble as it was noted; stays after it ended."""

    id: int
    #: urn:uuid, made once and stored
    uid: str
    kind: TroubleKind
    title: str
    text: str
    opened_at: datetime
    #: when it was opened, reworded or ended
    changed_at: datetime
    #: None while it lasts
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """The little of a stored article that tells a source's habits."""

    first_seen: datetime
    sort_date: datetime
    #: site of its link: registrable domain or host:port; None without link
    site: str | None
    #: BCP 47 tag; None if not said
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What a source brought lately."""

    #: newest arrival first, at most sixty
    recent: tuple[Arrived, ...] = ()
    #: articles first seen in the last day
    last_day: int = 0
    #: ... and in the four weeks before it
    before: int = 0
    #: when its first document was taken in; None if never
    imported_at: datetime | None = None
