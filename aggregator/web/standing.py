"""How the paper stands: the configuration in force and all that is published, seen in one look.

What did not change since the look before is not read again. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.curate.rewrite import PLAIN, Looks, looks_of
from aggregator.model import Configuration, FeedHead
from aggregator.store.configurations import load_applied
from aggregator.store.engine import Connection
from aggregator.store.feeds.heads import list_feeds
from aggregator.store.feeds.versions import Publication, load_publication

#: before the first look
_UNSEEN = Publication(uid=None, stamp="", changed_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that pages have in common at one moment."""

    configuration: Configuration
    #: of the configuration in force; None while none was ever applied
    digest: str | None = None
    #: what of the configuration shapes feeds
    looks: Looks = PLAIN
    whole: Publication = _UNSEEN
    #: every feed and topic that everybody may read
    heads: tuple[FeedHead, ...] = ()


def read_standing(connection: Connection, before: Standing) -> Standing:
    """Return how things stand now.

    Args:
        before: how they stood at the look before.
    """
    applied = load_applied(connection, unless=before.digest)
    whole = load_publication(connection)
    # the stamp follows from the configuration and the version of everything published
    if before.whole == whole:
        return before
    configuration = applied.configuration if applied else before.configuration
    return Standing(
        configuration=configuration,
        digest=applied.digest if applied else before.digest,
        looks=looks_of(configuration) if applied else before.looks,
        whole=whole,
        heads=tuple(head for head in list_feeds(connection) if head.access == "public"),
    )
