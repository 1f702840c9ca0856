"""Lists of everything there is: all sources, all feeds; in pieces, as there may be a hundred thousand.

The desk flows in; pieces of pages, and whole documents for other programs, flow out. A document of
all sources is made once a minute at most, whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.model import FeedHead, Rendered, SourceCard
from aggregator.publish.opml import MEDIA_TYPE, render_feeds_opml, render_sources_opml
from aggregator.publish.render import document
from aggregator.store.feeds.heads import PUBLISHED, list_feeds
from aggregator.store.sources.cards import list_cards
from aggregator.web.desk import Desk

#: sources on one page
PIECE = 1000


def piece_of_cards(desk: Desk, after: str) -> tuple[tuple[SourceCard, ...], str | None]:
    """Return the next sources by name, and the slug after which the following piece begins.

    Args:
        after: the slug that the piece before gave; empty for the first.

    Returns: None in place of the slug where nothing follows.
    """
    found = desk.read(list_cards, after, PIECE + 1)
    shown = found[:PIECE]
    following = shown[-1].slug if len(found) > PIECE else None
    return tuple(sorted(shown, key=lambda card: card.name.casefold())), following


def every_head(desk: Desk) -> tuple[FeedHead, ...]:
    """Return every feed that everybody may read, those of the sources included."""
    heads = desk.read(list_feeds, PUBLISHED)
    return tuple(head for head in heads if head.access == "public")


def opml_of(desk: Desk, name: str) -> Rendered:
    """Return the list of what we read ("sources"), or of what we publish ("feeds")."""

    def make() -> Rendered:
        changed_at = desk.standing.whole.changed_at
        if name == "sources":
            return document(render_sources_opml(desk.site, _every_card(desk), changed_at), MEDIA_TYPE)
        return document(render_feeds_opml(desk.site, every_head(desk), changed_at), MEDIA_TYPE)

    return desk.find_list(name, make)


def _every_card(desk: Desk) -> Iterator[SourceCard]:
    after: str | None = ""
    while after is not None:
        cards, after = piece_of_cards(desk, after)
        yield from cards
