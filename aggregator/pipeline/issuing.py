"""Issues of time-shaped feeds are made when their time has come: digests, and the best of a time.

What arrived between two times is read, judged by the feed's rule, joined to stories and ranked; what
the issue tells of it is stored, one transaction an issue. Any number of workers may notice the time;
one of them makes the issue. Rendering reads what was stored and never a clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.curate.arrange import arrange
from aggregator.curate.order import rank
from aggregator.curate.topics import Rules, compile_rules, feeds_for
from aggregator.model import Article, FeedHead, Issue, Item, Source, Timed
from aggregator.pipeline.ranking import own_outlets, weights_of
from aggregator.publish.headlines import zone_of
from aggregator.schedule.issues import due_times, last_times, next_time
from aggregator.store.configurations import load_applied
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.feeds.heads import list_feeds
from aggregator.store.feeds.issues import find_last_issue, find_told, read_arrived, save_issue
from aggregator.store.sources.cards import load_cards, load_settings
from aggregator.store.stories.coverage import memberships_of

#: issues made of one feed when nothing was made for long
CATCH_UP = 7
#: what was stored so late, by a clock or a transaction that lagged, is still told by the next issue
OVERLAP = timedelta(minutes=10)
BATCH = 500
_ORDINARY = {"day": "of its day number", "week": "of its week number", "month": "of its month number"}
_LENGTHS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}


@dataclass(frozen=True, slots=True)
class _Shape:
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


def make_issues(engine: Engine, now: datetime) -> int:
    """Make every issue that is due and return how many; nothing that came leaves no entry."""
    with reading(engine) as connection:
        applied = load_applied(connection)
        heads = [(head, head.timed) for head in list_feeds(connection) if head.timed is not None]
    if applied is None or not heads:
        return 0
    rules, zone = compile_rules(applied.configuration), applied.configuration.site.timezone
    return sum(_make_due(engine, _Shape(head, timed, rules, zone), now) for head, timed in heads)


def preview_issues(
    connection: Connection,
    head: FeedHead,
    rules: Rules,
    zone: str,
    sources: Mapping[int, Source],
    now: datetime,
) -> list[tuple[datetime, tuple[Chosen, ...]]]:
    """Return (due at, stories) of the issues that would be made now, else what the next has so far.

    Args:
        head: of a feed that may not be stored yet.
        sources: settings of the sources by their ids, as they would be.
    """
    if head.timed is None:
        return []
    last = find_last_issue(connection, head.id)
    place = zone_of(zone)
    times = due_times(head.timed, last.at if last else None, now, place, CATCH_UP)
    if not times:
        times = [(next(last_times(head.timed, now, place)), next_time(head.timed, now, place))]
    shape = _Shape(head, head.timed, rules, zone, sources)
    return [(at, _choose(connection, shape, since, at, is_first=last is None)) for since, at in times]


def has_issue(connection: Connection, head: FeedHead, at: datetime, zone: str) -> bool:
    """Tell whether the issue that was due last at *at* is made; True for feeds without issues."""
    if head.timed is None:
        return True
    last = find_last_issue(connection, head.id)
    return last is not None and last.at >= next(last_times(head.timed, at, zone_of(zone)))


def _make_due(engine: Engine, shape: _Shape, now: datetime) -> int:
    """Make the issues of one feed that are due; return how many told something."""
    with reading(engine) as connection:
        last = find_last_issue(connection, shape.head.id)
    made = 0
    for since, at in due_times(shape.timed, last.at if last else None, now, zone_of(shape.zone), CATCH_UP):
        issue = _make(engine, shape, since, at, now)
        if issue is None:
            # another worker is at it, and what the next issue tells depends on what this one told
            break
        made += issue.last >= issue.first
    return made


def _make(engine: Engine, shape: _Shape, since: datetime, at: datetime, now: datetime) -> Issue | None:
    with reading(engine) as connection:
        chosen = _choose(connection, shape, since, at)
    articles = [(article, place, one.why) for place, one in enumerate(chosen, 1) for article in one.articles]
    with writing(engine) as connection:
        return save_issue(connection, shape.head, since, at, articles, now)


def _choose(
    connection: Connection, shape: _Shape, since: datetime, at: datetime, *, is_first: bool = False
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
    connection: Connection, shape: _Shape, since: datetime, at: datetime, is_first: bool
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


def _belonging(connection: Connection, shape: _Shape, page: Sequence[Article]) -> list[Item]:
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
    connection: Connection, shape: _Shape, entries: Sequence[Item], at: datetime
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
