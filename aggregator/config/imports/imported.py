"""The values between reading somebody's list and writing ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One line of somebody's list: a feed to poll."""

    url: str
    #: "url", or the key of a source that is no feed: "json"
    key: str = "url"
    name: str = ""
    #: usable as tags here, in the order of the list
    tags: tuple[str, ...] = ()
    #: BCP 47; empty if the list does not say
    language: str = ""
    #: further keys of the source, in our own words: ("content", "full-text")
    settings: tuple[tuple[str, object], ...] = ()
    #: condition that articles of this source must meet, in our query language; empty for none
    condition: str = ""
    #: picture of the author; empty for none
    face: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one list says, in our words."""

    #: "OPML", "Planet INI", "osmosfeed YAML"
    format: str
    subscriptions: tuple[Subscription, ...]
    #: sections of our file: {"site": {"title": …}, "defaults": {…}}
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    #: slug of the one feed that stands for the whole list, and its keys
    feed: tuple[str, Mapping[str, object]] | None = None
    #: what could not be carried over, one sentence each
    lost: tuple[str, ...] = ()
