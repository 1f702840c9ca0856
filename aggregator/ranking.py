"""Feeds with ``order: top`` are ranked at an instant, and their places stored: one transaction a feed.

It stands beside the pipeline and strings the store and curate together. Rendering reads the
places and never a clock, so that every process serves the same order until the next ranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.curate.arrange import arrange, rows_for
from aggregator.curate.order import rank
from aggregator.curate.stories.outlets import outlet_of
from aggregator.model import FeedHead, Item
from aggregator.store.cards import load_cards
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.placements import list_feeds, read_items
from aggregator.store.ranks import hold_ranks, save_ranks
from aggregator.store.stories import outlets_of


def rank_feeds(engine: Engine, now: datetime) -> int:
    """Rank every feed that wants it and return how many changed; one process at a time works."""
    with reading(engine) as connection:
        heads = [head for head in list_feeds(connection, ("feed",)) if head.order == "top"]
    changed = 0
    for head in heads:
        with writing(engine) as connection:
            if hold_ranks(connection):
                changed += _rank(connection, head, now)
    return changed


def _rank(connection: Connection, head: FeedHead, now: datetime) -> bool:
    items = read_items(connection, head, limit=rows_for(head))
    every = replace(head, order="newest", per_source=None, limit=len(items) or 1)
    entries = arrange(every, items, "UTC", at=now)
    weights = weights_of(connection, entries)
    own = {item.source.id: outlet_of(item.source.link or item.source.url, item.source.name) for item in items}
    places = rank(entries, weights, own, now)
    return save_ranks(connection, head.id, [(one.article_id, one.position, one.why) for one in places], now)


def weights_of(connection: Connection, entries: Sequence[Item]) -> dict[int, dict[str, float]]:
    """Return story id -> outlet -> the greatest weight of its sources that tell the story."""
    telling = outlets_of(connection, {item.story.story_id for item in entries if item.story})
    cards = load_cards(
        connection, {one for outlets in telling.values() for some in outlets.values() for one in some}
    )
    return {
        story_id: {outlet: max(cards[one].weight for one in some) for outlet, some in outlets.items()}
        for story_id, outlets in telling.items()
    }
