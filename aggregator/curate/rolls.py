"""Several entries become one: items in, an item with a roll out, its id and dates fixed by what it tells.

The words it is told in are written later, where documents are; here is only what belongs
together: an issue of a digest, and what of a source is beyond the cap of a day.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from aggregator.model import Article, Entry, FeedHead, Issue, Item, Roll


def roll_rest(head: FeedHead, items: Sequence[Item], day: date | None) -> Item:
    """Return the one entry that tells the rest of a source's day.

    Its id follows from feed, source and day, and its date is the earliest article's, so it is the
    same entry while the day goes on.

    Args:
        items: of one source and day, at least one, in the order they are told.
    """
    first = min(items, key=lambda item: (item.article.sort_date, item.article.id))
    uid = uuid.uuid5(uuid.NAMESPACE_URL, f"{head.uid} rest {first.source.slug} {day}").urn
    latest = max(item.article.first_seen for item in items)
    return _rolled(first, uid, first.article.sort_date, latest, Roll(tuple(items)))


def roll_issues(issues: Iterable[Issue], items: Sequence[Item]) -> list[Item]:
    """Return one entry for each issue that has any of these items; an issue's id and date are stored."""
    rolled = []
    for issue in issues:
        own = [item for item in items if issue.first <= item.entered <= issue.last]
        if own:
            first = min(own, key=lambda item: item.entered)
            rolled.append(_rolled(first, issue.uid, issue.at, issue.at, Roll(tuple(own), issue)))
    return rolled


def _rolled(first: Item, uid: str, at: datetime, changed_at: datetime, roll: Roll) -> Item:
    article = Article(
        id=first.article.id,
        source_id=first.article.source_id,
        entry=Entry(id=uid, key=uid, words=sum(item.article.entry.words for item in roll.items)),
        published_id=uid,
        first_seen=at,
        changed_at=max(at, changed_at),
        sort_date=at,
    )
    return Item(article, first.source, first.entered, first.why, roll=roll)
