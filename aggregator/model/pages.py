"""Full texts: which page is to be read, what its site allows, what came of it, and how all of them stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.model.fetched import Failed
from aggregator.model.settings import Source

#: requests for one page before it is given up
MOST_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClaim:
    """One worker's time-limited right to read the page of an article."""

    article_id: int
    source: Source
    slug: str
    #: the article's link
    url: str
    #: who shares its budget
    group: str
    #: this one included, from 1
    tries: int
    #: when the right ends; the finishing update checks it
    until: datetime


@dataclass(frozen=True, slots=True)
class RobotsDocument:
    """One robots.txt (RFC 9309), or what stands for it, before it is asked about a path."""

    #: "open": there is none, everything is allowed; "closed": the site cannot say, nothing is
    state: Literal["rules", "open", "closed"]
    #: the document, at most its first half megabyte; empty unless state is "rules"
    text: str = ""


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of an article's page."""

    #: sanitised HTML, never empty
    content: str
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """What one try brought: a text, or the reason why not."""

    claim: PageClaim
    at: datetime
    text: PageText | None = None
    failure: Failed | None = None
    #: trying again would bring nothing else
    is_final: bool = False
    #: sent for it, robots.txt included
    requests: int = 0
    #: of the bodies, as transferred
    wire_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """How the full text of one article stands."""

    tries: int
    #: when it is tried next; None: read, or given up
    due_at: datetime | None
    #: None before the first success
    fetched_at: datetime | None
    words: int
    #: why the last try brought nothing; empty if it did
    reason: str


@dataclass(frozen=True, slots=True)
class PageCounts:
    """Articles of one source whose own page is read, waited for, given up."""

    read: int = 0
    waiting: int = 0
    given_up: int = 0
    #: why the last one was given up; empty if none was
    reason: str = ""
