"""Issues of time-shaped feeds are made when their time has come: digests, and the best of a time.

It stands beside the pipeline: what arrived is read, judged by the feed's rule, ranked and stored,
one transaction an issue. Any number of workers may notice the time; one of them makes the issue.
Rendering reads what was stored and never a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.curate.arrange import arrange
from aggregator.curate.order import rank
from aggregator.curate.stories.outlets import outlet_of
from aggregator.curate.topics import Rules, compile_rules, feeds_for
from aggregator.model import Article, FeedHead, Item, Timed
from aggregator.publish.headlines import zone_of
from aggregator.ranking import weights_of
from aggregator.schedule.issues import due_times
from aggregator.store.cards import load_cards
from aggregator.store.configurations import load_applied
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.issues import find_last_issue, find_told, read_arrived, save_issue
from aggregator.store.placements import list_feeds
from aggregator.store.sources import load_settings
from aggregator.store.stories import memberships_of

#: issues made of one feed when nothing was made for long
CATCH_UP = 7
#: what was stored so late, by a clock or a transaction that lagged, is still told by the next issue
OVERLAP = timedelta(minutes=10)
BATCH = 500
_ORDINARY = {"day": "of its day number", "week": "of its week number", "month": "of its month number"}
_LENGTHS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}


def make_issues(engine: Engine, now: datetime) -> int:
    """Make every issue that is due and return how many; nothing that came leaves no entry."""
    with reading(engine) as connection:
        applied = load_applied(connection)
        heads = [(head, head.timed) for head in list_feeds(connection) if head.timed is not None]
    if applied is None or not heads:
        return 0
    rules, site = compile_rules(applied.configuration), applied.configuration.site
    made = 0
    for head, timed in heads:
        with reading(engine) as connection:
            last = find_last_issue(connection, head.id)
        times = due_times(timed, last.at if last else None, now, zone_of(site.timezone), CATCH_UP)
        for since, at in times:
            made += _make(engine, head, timed, rules, site.timezone, (since, at), now)
    return made


def _make(
    engine: Engine,
    head: FeedHead,
    timed: Timed,
    rules: Rules,
    zone: str,
    times: tuple[datetime, datetime],
    now: datetime,
) -> bool:
    since, at = times
    with reading(engine) as connection:
        items = _arrived(connection, head, timed, rules, since, at)
        joined = replace(head, timed=None, order="newest", limit=len(items) or 1)
        entries = arrange(joined, items, zone, at=at, glossary=rules.glossary)
        places = _places(connection, head, timed, entries, at)
    articles = {item.article.id: item.article for item in items}
    chosen = [
        (articles[article_id], place, why)
        for place, (entry, why) in enumerate(places, 1)
        for article_id in (entry.article.id, *(copy.article_id for copy in entry.also))
    ]
    with writing(engine) as connection:
        issue = save_issue(connection, head, since, at, chosen, now)
    return issue is not None and issue.last >= issue.first


def _arrived(
    connection: Connection, head: FeedHead, timed: Timed, rules: Rules, since: datetime, at: datetime
) -> list[Item]:
    """Return what came in that time and belongs in the feed, oldest first, if it was not told before."""
    found: list[Item] = []
    # what a new source brings of long ago is no news of that time
    oldest, last = since - _LENGTHS[timed.every], 0
    while page := read_arrived(connection, since - OVERLAP, at, oldest=oldest, after_id=last, limit=BATCH):
        last = page[-1].id
        found += _belonging(connection, head, rules, page)
    told = find_told(connection, head.id, [item.article.id for item in found])
    fresh = [item for item in found if item.article.id not in told]
    fresh.sort(key=lambda item: (item.article.sort_date, item.article.id))
    return [replace(item, entered=number) for number, item in enumerate(fresh, 1)]


def _belonging(connection: Connection, head: FeedHead, rules: Rules, page: Sequence[Article]) -> list[Item]:
    ids = {article.source_id for article in page}
    cards, settings = load_cards(connection, ids), load_settings(connection, ids)
    whys = {
        article.id: feeds_for(article, rules, settings[article.source_id], cards[article.source_id].slug)
        for article in page
    }
    kept = [article for article in page if head.slug in whys[article.id]]
    stories = memberships_of(connection, [article.id for article in kept])
    return [
        Item(article, cards[article.source_id], 0, whys[article.id][head.slug], stories.get(article.id))
        for article in kept
    ]


def _places(
    connection: Connection, head: FeedHead, timed: Timed, entries: Sequence[Item], at: datetime
) -> list[tuple[Item, str]]:
    """Return the entries of an issue in its order, each with why it is there."""
    own = {one.source.id: outlet_of(one.source.link or one.source.url, one.source.name) for one in entries}
    ranked = rank(entries, weights_of(connection, entries), own, at, fades=False)
    by_id = {entry.article.id: entry for entry in entries}
    best = [(by_id[one.article_id], one) for one in ranked[: timed.stories]]
    if timed.form == "digest" and head.order == "newest":
        best.sort(key=lambda pair: (pair[0].article.sort_date, pair[0].article.id), reverse=True)
    return [
        (entry, f"{entry.why}; {_ORDINARY[timed.every]} {one.position}: {one.why}") for entry, one in best
    ]
