"""A feed's placed articles become the ones shown: items in any order flow in, an ordered few flow out.

Newest first by (sort date, article id); no two with one published id; at most
``per_source`` of one source, in all or per day of the site's time zone; at most ``limit``.
An ``age:`` of the feed's query is judged here, at a stated instant, never by a clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aggregator.model import FeedHead, Item, PerSource
from aggregator.query.document import document_of_item
from aggregator.query.glossary import Glossary
from aggregator.query.match import compile_query, uses_clock
from aggregator.query.parse import parse_query

#: for queries that use none
NO_NAMES = Glossary()


def arrange(
    head: FeedHead,
    items: Iterable[Item],
    timezone: str,
    *,
    at: datetime | None = None,
    glossary: Glossary = NO_NAMES,
) -> tuple[Item, ...]:
    """Return the items that the feed shows, newest first, at most ``head.limit``.

    Args:
        timezone: the IANA name of the site's zone, in which days are counted.
        at: the instant at which ``age:`` is judged; None: when the feed last changed.
        glossary: what the names in the feed's query stand for.
    """
    ordered = sorted(items, key=lambda item: (item.article.sort_date, item.article.id), reverse=True)
    fresh = _within_age(head, ordered, at or head.changed_at, glossary)
    capped = _capped(_once(fresh), head.per_source, ZoneInfo(timezone))
    return tuple(item for item, _ in zip(capped, range(head.limit), strict=False))


def why_left_out(
    head: FeedHead,
    items: Iterable[Item],
    article_id: int,
    timezone: str,
    *,
    at: datetime | None = None,
    glossary: Glossary = NO_NAMES,
) -> str | None:
    """Return why a placed article is not among those that arrange() shows; None when it is shown.

    Args:
        items: the placed articles that arrange() would be given.
    """
    ordered = sorted(items, key=lambda item: (item.article.sort_date, item.article.id), reverse=True)
    if article_id not in {item.article.id for item in ordered}:
        return f"older than the {len(ordered)} newest articles of the feed"
    steps: list[tuple[str, list[Item]]] = []
    fresh = list(_within_age(head, ordered, at or head.changed_at, glossary))
    steps.append(("too old for the age: in the query", fresh))
    steps.append(("the same entry stands there already", once := list(_once(fresh))))
    cap = head.per_source
    capped = list(_capped(once, cap, ZoneInfo(timezone)))
    if cap is not None:
        each = " per day" if cap.per_day else ""
        steps.append((f"capped: newer ones of its source take the {cap.count}{each}", capped))
    steps.append((f"not among the newest {head.limit}", capped[: head.limit]))
    for reason, left in steps:
        if article_id not in {item.article.id for item in left}:
            return reason
    return None


def _within_age(head: FeedHead, items: list[Item], at: datetime | None, glossary: Glossary) -> Iterable[Item]:
    query = glossary.expand(parse_query(head.query))
    if at is None or not uses_clock(query):
        return items
    matcher = compile_query(query)
    return (item for item in items if matcher(document_of_item(item), at) is not None)


def _once(items: Iterable[Item]) -> Iterable[Item]:
    seen: set[str] = set()
    for item in items:
        if item.article.published_id not in seen:
            seen.add(item.article.published_id)
            yield item


def _capped(items: Iterable[Item], cap: PerSource | None, zone: ZoneInfo) -> Iterable[Item]:
    counts: Counter[tuple[int, date | None]] = Counter()
    for item in items:
        if cap is not None:
            day = item.article.sort_date.astimezone(zone).date() if cap.per_day else None
            counts[item.article.source_id, day] += 1
            if counts[item.article.source_id, day] > cap.count:
                continue
        yield item
