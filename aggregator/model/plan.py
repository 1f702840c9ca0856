"""What a configuration would change, as values; they do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entering:
    """An article that would enter or leave a feed."""

    article_id: int
    title: str
    source: str
    sort_date: datetime


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """What would happen to one feed or topic."""

    kind: str
    slug: str
    enters: int = 0
    leaves: int = 0
    #: the newest of them, newest first, at most as many as were asked for
    entering: tuple[Entering, ...] = ()
    leaving: tuple[Entering, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuePlan:
    """What an issue of a time-shaped feed would tell, of what has come so far."""

    slug: str
    #: when it was or will be due
    at: datetime
    #: how many stories
    stories: int
    #: the first of them, in its order, at most as many as were asked for
    telling: tuple[Entering, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a configuration would change; all () when it is in force already."""

    is_new: bool
    #: slugs, or URLs of sources that have none yet
    sources_added: tuple[str, ...] = ()
    sources_removed: tuple[str, ...] = ()
    #: (slug, old name, new name)
    sources_renamed: tuple[tuple[str, str, str], ...] = ()
    #: (slug, old URL, new URL)
    sources_moved: tuple[tuple[str, str, str], ...] = ()
    #: (kind, slug) of topics and feeds
    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    #: (kind, slug, old title, new title)
    renamed: tuple[tuple[str, str, str, str], ...] = ()
    #: (kind, old slug, new slug): one that goes and one that comes with the same query
    moved: tuple[tuple[str, str, str], ...] = ()
    #: (kind, old slug, new slug): the same one, as an alias says; its old address leads to it
    followed: tuple[tuple[str, str, str], ...] = ()
    #: feeds and topics that would gain or lose articles, topics first
    feeds: tuple[FeedPlan, ...] = ()
    #: of time-shaped feeds that are new or changed, what is due at once, else the next issue
    issues: tuple[IssuePlan, ...] = ()
    #: stored articles that were judged
    judged: int = 0
