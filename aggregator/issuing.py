"""Issues of time-shaped feeds are made when their time has come: digests, and the best of a time.

It stands beside the pipeline: what an issue tells is chosen and stored, one transaction an issue.
Any number of workers may notice the time; one of them makes the issue. Rendering reads what was
stored and never a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aggregator.choosing import Chosen, Shape, choose
from aggregator.curate.topics import Rules, compile_rules
from aggregator.model import FeedHead, Issue, Source
from aggregator.publish.headlines import zone_of
from aggregator.schedule.issues import due_times, last_times, next_time
from aggregator.store.configurations import load_applied
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.feeds.issues import find_last_issue, save_issue
from aggregator.store.feeds.placements import list_feeds

#: issues made of one feed when nothing was made for long
CATCH_UP = 7


def make_issues(engine: Engine, now: datetime) -> int:
    """Make every issue that is due and return how many; nothing that came leaves no entry."""
    with reading(engine) as connection:
        applied = load_applied(connection)
        heads = [(head, head.timed) for head in list_feeds(connection) if head.timed is not None]
    if applied is None or not heads:
        return 0
    rules, zone = compile_rules(applied.configuration), applied.configuration.site.timezone
    return sum(_make_due(engine, Shape(head, timed, rules, zone), now) for head, timed in heads)


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
    shape = Shape(head, head.timed, rules, zone, sources)
    return [(at, choose(connection, shape, since, at, is_first=last is None)) for since, at in times]


def has_issue(connection: Connection, head: FeedHead, at: datetime, zone: str) -> bool:
    """Tell whether the issue that was due last at *at* is made; True for feeds without issues."""
    if head.timed is None:
        return True
    last = find_last_issue(connection, head.id)
    return last is not None and last.at >= next(last_times(head.timed, at, zone_of(zone)))


def _make_due(engine: Engine, shape: Shape, now: datetime) -> int:
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


def _make(engine: Engine, shape: Shape, since: datetime, at: datetime, now: datetime) -> Issue | None:
    with reading(engine) as connection:
        chosen = choose(connection, shape, since, at)
    articles = [(article, place, one.why) for place, one in enumerate(chosen, 1) for article in one.articles]
    with writing(engine) as connection:
        return save_issue(connection, shape.head, since, at, articles, now)
