"""What time alone changes in feeds: the order of the top, and what is recent no more.

Both are stored at an instant, a feed or a few in a transaction. Rendering reads what is stored and never a
clock, so that every process serves the same until the next instant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from aggregator.curate.arrange import arrange, rows_for
from aggregator.curate.order import Ranked, rank
from aggregator.curate.stories.outlets import outlet_of
from aggregator.model import FeedHead, Item
from aggregator.pipeline.editions import live_items
from aggregator.query.glossary import Glossary, compile_glossary
from aggregator.store.configurations import load_applied
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.feeds.heads import list_feeds
from aggregator.store.feeds.items import read_items
from aggregator.store.feeds.live import age_out
from aggregator.store.feeds.ranks import lock_ranks, save_ranks
from aggregator.store.sources.cards import load_cards
from aggregator.store.stories.coverage import outlets_of

#: transactions in which feeds age at one time; what is left waits for the next
ROUNDS = 100


def rank_feeds(engine: Engine, now: datetime) -> int:
    """Rank every feed that wants it and return how many changed; one process at a time works."""
    with reading(engine) as connection:
        heads = [head for head in list_feeds(connection, ("feed",)) if head.order == "top"]
        applied = load_applied(connection) if heads else None
    if applied is None:
        return 0
    glossary, zone = compile_glossary(applied.configuration), applied.configuration.site.timezone
    changed = 0
    for head in heads:
        with writing(engine) as connection:
            if lock_ranks(connection):
                places = _places(connection, head, zone, glossary, now)
                rows = [(one.article_id, one.position, one.why) for one in places]
                changed += save_ranks(connection, head.id, rows, now)
    return changed


def age_feeds(engine: Engine, now: datetime) -> int:
    """Let go of what came or changed two days ago; return how many live documents are others now."""
    with reading(engine) as connection:
        applied = load_applied(connection)
    if applied is None:
        return 0
    glossary, zone = compile_glossary(applied.configuration), applied.configuration.site.timezone
    changed = 0
    for _ in range(ROUNDS):
        with writing(engine) as connection:
            is_more, differing = age_out(connection, now, partial(_live, connection, zone, glossary))
        changed += differing
        if not is_more:
            break
    return changed


def _live(connection: Connection, zone: str, glossary: Glossary, head: FeedHead) -> tuple[Item, ...]:
    return live_items(connection, head, zone, glossary)


def _places(
    connection: Connection, head: FeedHead, zone: str, glossary: Glossary, now: datetime
) -> tuple[Ranked, ...]:
    items = read_items(connection, head, limit=rows_for(head))
    every = replace(head, order="newest", per_source=None, limit=len(items) or 1)
    entries = arrange(every, items, zone, at=now, glossary=glossary)
    weights, own = weights_of(connection, entries), own_outlets(items)
    places = rank(entries, weights, own, now)
    if head.per_source is None:
        return places
    # what the cap leaves out takes none of the first ten places
    order = {one.article_id: one.position for one in places}
    ordered = [replace(item, rank=order[item.article.id]) for item in entries]
    capped = arrange(replace(head, limit=len(items) or 1), ordered, zone, at=now, glossary=glossary)
    shown = {item.article.id for item in capped if item.roll is None}
    kept = rank([item for item in entries if item.article.id in shown], weights, own, now)
    rest = (one for one in places if one.article_id not in shown)
    return (*kept, *(replace(one, position=n) for n, one in enumerate(rest, len(kept) + 1)))


def own_outlets(items: Sequence[Item]) -> dict[int, str]:
    """Return source id -> outlet, of the sources of these articles."""
    return {one.source.id: outlet_of(one.source.link or one.source.url, one.source.name) for one in items}


def weights_of(connection: Connection, entries: Sequence[Item]) -> Mapping[int, Mapping[str, float]]:
    """Return story id -> outlet -> the greatest weight of its sources that tell the story."""
    telling = outlets_of(connection, {item.story.story_id for item in entries if item.story})
    cards = load_cards(
        connection, {one for outlets in telling.values() for some in outlets.values() for one in some}
    )
    return {
        story_id: {outlet: max(cards[one].weight for one in some) for outlet, some in outlets.items()}
        for story_id, outlets in telling.items()
    }
