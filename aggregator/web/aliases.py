"""Paths that feeds had before, and where they lead now: a path in, an address of today out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.model import Configuration, FeedKind, Topic
from aggregator.publish.addresses import FORMATS

#: an alias may have been a feed of ours, with suffixes and archives below it
_BELOW = re.compile(r"(?:/archive/(?P<number>[1-9][0-9]{0,8}))?\.(?P<suffix>atom|rss|json)\Z")
_OURS = ("/feeds/", "/topics/")


@dataclass(frozen=True, slots=True)
class Former:
    """What an old path meant."""

    kind: FeedKind
    slug: str
    #: None: the page
    suffix: str | None
    #: of an archive; None for the live document
    number: int | None = None


def find_former(configuration: Configuration, path: str) -> Former | None:
    """Return what *path*, below the site's base, once stood for; None if it is nobody's alias."""
    path = path.rstrip("/")
    below = _BELOW.search(path)
    for published in configuration.published.values():
        kind: FeedKind = "topic" if isinstance(published, Topic) else "feed"
        for alias in published.aliases:
            if path == alias:
                return Former(kind, published.slug, _suffix_of(alias))
            if below and path[: below.start()] == alias:
                number = int(below["number"]) if below["number"] else None
                return Former(kind, published.slug, below["suffix"], number)
    return None


def _suffix_of(alias: str) -> str | None:
    """Return the format an old path promised: by its ending, else by what feeds are usually called."""
    name = alias.rpartition("/")[2].lower()
    ending = name.rpartition(".")[2]
    if ending in FORMATS:
        return ending
    if alias.startswith(_OURS):
        return None
    if "atom" in name:
        return "atom"
    if ending in ("xml", "rdf") or "rss" in name:
        return "rss"
    return "atom" if "feed" in name else None
