"""A feed's placed articles become the ones shown: items in any order flow in, an ordered few flow out.

Newest first by (sort date, article id), or as ranked where the feed's order is ``top``, with what
was not ranked yet behind, newest first; copies of one thing joined as ``duplicates`` says; no
two with one published id; nothing older than ``max_age``; at most ``per_source`` of one source,
in all or per day of the site's time zone, the rest of the day rolled into one entry where the feed
says so; at most ``limit``. Where issues are made at set times, the last entered comes first.
An ``age:`` of the feed's query is judged here, at a stated instant, never by a clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.curate.copies import join_copies
from aggregator.curate.rolls import roll_rest
from aggregator.model import FeedHead, Item
from aggregator.query.document import document_of_item
from aggregator.query.glossary import Glossary
from aggregator.query.match import compile_query
from aggregator.query.nodes import uses_clock
from aggregator.query.parse import parse_query

#: rows for each entry shown, so that feeds which join or cap articles are still filled
READ_AHEAD = 8
#: the same, where more can be read when they do not fill it
READ_FIRST = 2
#: for queries that use none
NO_NAMES = Glossary()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a feed does not show an article that has a place in it."""

    reason: str
    #: the entry that the feed shows in its stead; None if there is none
    instead: Item | None = None


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
    newest = sorted(items, key=_newest, reverse=True)
    *_, (shown, _) = _steps(head, newest, ZoneInfo(timezone), at or head.changed_at, glossary)
    return tuple(shown)


def why_left_out(
    head: FeedHead,
    items: Iterable[Item],
    article_id: int,
    timezone: str,
    *,
    glossary: Glossary = NO_NAMES,
) -> LeftOut | None:
    """Return why a placed article is not among those that arrange() shows; None when it is shown.

    Args:
        items: the placed articles that arrange() would be given.
    """
    ordered = sorted(items, key=_newest, reverse=True)
    own = next((item for item in ordered if item.article.id == article_id), None)
    if own is None:
        return LeftOut(f"older than the {len(ordered)} newest articles of the feed")
    for left, reason in _steps(head, ordered, ZoneInfo(timezone), head.changed_at, glossary):
        if article_id not in {item.article.id for item in left if item.roll is None}:
            return LeftOut(reason, next((item for item in left if _stands_for(item, own)), None))
    return None


def _steps(
    head: FeedHead, items: list[Item], zone: ZoneInfo, at: datetime | None, glossary: Glossary
) -> Iterable[tuple[list[Item], str]]:
    """Yield what each step of arrange() leaves, and why it leaves nothing else."""
    fresh = list(_within_age(head, items, at, glossary))
    yield fresh, f"too old for the {'max_age of the feed' if head.max_age_s else 'age: in the query'}"
    joined = _ordered(head, fresh)
    yield joined, f"another copy stands for it (duplicates: {head.duplicates})"
    once = list(_once(joined))
    yield once, "the same entry stands there already"
    capped = list(_capped(head, once, zone))
    if (cap := head.per_source) is not None:
        most = f"{cap.count}{' per day' * cap.per_day}"
        beside = "; the entry of the rest of the day names it" * cap.rolls_up
        yield capped, f"capped: newer ones of its source take the {most}{beside}"
    yield capped[: head.limit], f"not among the {'first' if head.order == 'top' else 'newest'} {head.limit}"


def _stands_for(item: Item, other: Item) -> bool:
    is_same = item.article.published_id == other.article.published_id
    return is_same or other.article.id in {copy.article_id for copy in item.also}


def rows_for(head: FeedHead) -> int:
    """Return how many articles, newest first, are enough to fill the feed."""
    thins_out = head.per_source or head.duplicates != "keep" or head.order == "top"
    return head.limit * READ_AHEAD if thins_out else head.limit


def first_rows_for(head: FeedHead) -> int:
    """Return how many articles, newest first, mostly fill the feed, where no later one changes the entries.

    A copy that comes later may join an entry, a rank may lift it, a rolled entry may name it: there, it
    is rows_for().
    """
    later_counts = head.duplicates != "keep" or head.order == "top" or head.timed is not None
    if later_counts or head.per_source is None or head.per_source.rolls_up:
        return rows_for(head)
    return head.limit * READ_FIRST


def _ordered(head: FeedHead, items: Iterable[Item]) -> list[Item]:
    """Return the entries in the feed's order, copies of one thing joined."""
    joined = join_copies(items, head.duplicates)
    if head.timed is not None:
        return sorted(joined, key=lambda item: item.entered, reverse=True)
    ordered = sorted(joined, key=_newest, reverse=True)
    if head.order == "top":
        ordered.sort(key=lambda item: (item.rank is None, item.rank or 0))
    return ordered


def _newest(item: Item) -> tuple[datetime, int]:
    return item.article.sort_date, item.article.id


def _within_age(head: FeedHead, items: list[Item], at: datetime | None, glossary: Glossary) -> Iterable[Item]:
    if head.timed is not None:
        return items  # judged when the issue was made
    if at is not None and head.max_age_s is not None:
        oldest = at - timedelta(seconds=head.max_age_s)
        items = [item for item in items if item.article.sort_date >= oldest]
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


def _capped(head: FeedHead, items: Iterable[Item], zone: ZoneInfo) -> Iterable[Item]:
    cap = head.per_source
    if cap is None:
        return items
    kept: list[Item] = []
    counts: Counter[tuple[int, date | None]] = Counter()
    rest: defaultdict[tuple[int, date | None], list[Item]] = defaultdict(list)
    for item in items:
        day = item.article.sort_date.astimezone(zone).date() if cap.per_day else None
        counts[item.article.source_id, day] += 1
        if counts[item.article.source_id, day] <= cap.count:
            kept.append(item)
        else:
            rest[item.article.source_id, day].append(item)
    if cap.rolls_up:
        _insert(kept, [roll_rest(head, some, day) for (_, day), some in rest.items()])
    return kept


def _insert(ordered: list[Item], rolled: Iterable[Item]) -> None:
    """Put each rolled entry before the first that is older; what stands ranked stays in its place."""
    for one in sorted(rolled, key=_newest, reverse=True):
        places = range(len(ordered))
        older = (n for n in places if ordered[n].rank is None and _newest(ordered[n]) < _newest(one))
        ordered.insert(next(older, len(ordered)), one)
