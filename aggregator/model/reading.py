"""How a source's document is to be read, where that is not a feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

#: what a source's address leads to
#: "desk" is never polled: it holds what editors write by hand
SourceKind = Literal["feed", "page", "json", "sitemap", "file", "desk"]
#: what is read for people's dates, too: "yesterday" names another moment at each reading
SPOKEN_DATES: frozenset[str] = frozenset(("page", "json"))
#: field of an entry -> selectors, tried in order
Fields = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything but bytes and address that the reading of one document depends on."""

    kind: SourceKind = "feed"
    #: selectors (page) or paths (json) of the entries, tried in order; empty: found by themselves
    items: tuple[str, ...] = ()
    fields: Fields = ()
    #: entries in the last document that was taken in; None if unknown
    usual: int | None = None
    #: the trace of the last document that was taken in (feeds in XML); None: everything is read
    trace: bytes | None = None
    #: what "yesterday" is counted from
    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)
