"""The values between reading somebody's list and writing ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One line of somebody's list: a feed to poll."""

    url: str
    #: "url", or the key of a source that is no feed: "json", "page", "opml"
    key: str = "url"
    name: str = ""
    #: usable as tags here, in the order of the list
    tags: tuple[str, ...] = ()
    #: BCP 47; empty if the list does not say
    language: str = ""
    #: what the list's program says of it besides, in that program's words
    attributes: Mapping[str, str] = field(default_factory=dict)
    #: further keys of the source, in our own words: ("content", "full-text")
    settings: tuple[tuple[str, object], ...] = ()
    #: conditions that articles of this source must meet, all of them, in our query language
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one list says, in our words."""

    #: "OPML", "Planet INI", "osmosfeed YAML"
    format: str
    #: in the order of the list; a feed may stand there more than once
    subscriptions: tuple[Subscription, ...]
    #: sections of our file: {"site": {"title": …}, "defaults": {…}}
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    #: feeds by slug, with their keys; none stands for one of everything
    feeds: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    #: folders by the tag that their sources have, with their titles: each becomes a feed
    folders: Mapping[str, str] = field(default_factory=dict)
    #: what could not be carried over, one sentence each
    lost: tuple[str, ...] = ()
