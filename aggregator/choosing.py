"""What an issue of a time-shaped feed tells: a feed, its rules and two times in, its stories out.

What arrived between the times is read, judged by the feed's rule, joined to stories and ranked.
It writes nothing, so an issue can be shown before it is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.curate.arrange import arrange
from aggregator.curate.order import rank
from aggregator.curate.topics import Rules, feeds_for
from aggregator.model import Article, FeedHead, Item, Source, Timed
from aggregator.ranking import own_outlets, weights_of
from aggregator.store.engine import Connection
from aggregator.store.feeds.issues import find_told, read_arrived
from aggregator.store.sources.cards import load_cards, load_settings
from aggregator.store.stories.coverage import memberships_of

#: what was stored so late, by a clock or a transaction that lagged, is still told by the next issue
OVERLAP = timedelta(minutes=10)
BATCH = 500
_ORDINARY = {"day": "of its day number", "week": "of its week number", "month": "of its month number"}
_LENGTHS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}


@dataclass(frozen=True, slots=True)
class Shape:
    """A time-shaped feed and the rules in force, or those that would be."""

    head: FeedHead
    timed: Timed
    rules: Rules
    #: name of the site's time zone
    zone: str
    #: settings of sources by their ids; None: as they are stored
    sources: Mapping[int, Source] | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """One story of an issue."""

    #: the copy that stands for it
    entry: Item
    #: that copy's article first, then those of the others
    articles: tuple[Article, ...]
    why: str


def choose(
    connection: Connection, shape: Shape, since: datetime, at: datetime, *, is_first: bool = False
) -> tuple[Chosen, ...]:
    """Return the stories of the issue due at *at*, of what came after *since*, in its order.

    Args:
        is_first: the feed has told nothing yet in issues.
    """
    items = _arrived(connection, shape, since, at, is_first)
    joined = replace(shape.head, timed=None, order="newest", limit=len(items) or 1)
    entries = arrange(joined, items, shape.zone, at=at, glossary=shape.rules.glossary)
    articles = {item.article.id: item.article for item in items}
    return tuple(
        Chosen(
            entry,
            tuple(articles[one] for one in (entry.article.id, *(copy.article_id for copy in entry.also))),
            why,
        )
        for entry, why in _in_order(connection, shape, entries, at)
    )


def _arrived(
    connection: Connection, shape: Shape, since: datetime, at: datetime, is_first: bool
) -> list[Item]:
    """Return what came in that time and belongs in the feed, oldest first, if it was not told before."""
    found: list[Item] = []
    # what a new source brings of long ago is no news of that time
    oldest, last = since - _LENGTHS[shape.timed.every], 0
    while page := read_arrived(connection, since - OVERLAP, at, oldest=oldest, after_id=last, limit=BATCH):
        last = page[-1].id
        found += _belonging(connection, shape, page)
    ids = [item.article.id for item in found]
    told = frozenset() if is_first else find_told(connection, shape.head.id, ids)
    fresh = [item for item in found if item.article.id not in told]
    fresh.sort(key=lambda item: (item.article.sort_date, item.article.id))
    return [replace(item, entered=number) for number, item in enumerate(fresh, 1)]


def _belonging(connection: Connection, shape: Shape, page: Sequence[Article]) -> list[Item]:
    ids = {article.source_id for article in page}
    cards, settings = load_cards(connection, ids), shape.sources or load_settings(connection, ids)
    # a source that came while a plan is made has no settings in it
    judged = [article for article in page if article.source_id in settings]
    whys = {
        article.id: feeds_for(
            article, shape.rules, settings[article.source_id], cards[article.source_id].slug
        )
        for article in judged
    }
    slug = shape.head.slug
    kept = [article for article in judged if slug in whys[article.id]]
    stories = memberships_of(connection, [article.id for article in kept])
    return [
        Item(article, cards[article.source_id], 0, whys[article.id][slug], stories.get(article.id))
        for article in kept
    ]


def _in_order(
    connection: Connection, shape: Shape, entries: Sequence[Item], at: datetime
) -> list[tuple[Item, str]]:
    """Return the entries of an issue in its order, each with why it is there."""
    timed = shape.timed
    ranked = rank(entries, weights_of(connection, entries), own_outlets(entries), at, fades=False)
    by_id = {entry.article.id: entry for entry in entries}
    best = [(by_id[one.article_id], one) for one in ranked[: timed.stories]]
    if timed.form == "digest" and shape.head.order == "newest":
        best.sort(key=lambda pair: (pair[0].article.sort_date, pair[0].article.id), reverse=True)
    return [
        (entry, f"{entry.why}; {_ORDINARY[timed.every]} {one.position}: {one.why}") for entry, one in best
    ]
