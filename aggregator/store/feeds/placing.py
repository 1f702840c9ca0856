"""Placements: which feeds an article is in now becomes rows, and the feeds get new versions.

In: articles with the feeds they belong in. Out: the feeds that changed. Rows of feeds are
locked in the order of their ids, late in a transaction, so that two writers never wait for
each other in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from aggregator.model import Target
from aggregator.store.dialect import chunks
from aggregator.store.feeds.archiving import Leaving, cut, drop_emptied, write_back, write_leaving
from aggregator.store.feeds.versions import next_version
from aggregator.store.notices import announce
from aggregator.store.rows import among, rows_among, write_rows
from aggregator.store.tables import archives, feeds, placements
from aggregator.store.types import AnyRow

Address = tuple[str, str]
p = placements.c
#: how long what entered or changed stays in the live document, however old it is
RECENT = timedelta(hours=48)
f = feeds.c
#: a source that left may come back: what is decided meanwhile stands in its feed then
_STANDS = or_(f.is_configured, f.kind == "source")
_NAMED = select(f.kind, f.slug, f.id).where(f.kind == bindparam("of_kind"), among(f.slug), _STANDS)
_HEADS = (
    select(*(f.id, f.version, f.changed_at, f.last_entered, f.recent_from))
    .add_columns(*(f.archived_to, f.archive_count, f.span))
    .where(among(f.id))
    .order_by(f.id)
    .with_for_update()
)
_PLACES = (
    select(p.article_id, p.feed_id, p.why, p.sort_date, p.entered, f.is_timed)
    .join(feeds, f.id == p.feed_id)
    .where(among(p.article_id))
)
_ENTER = insert(placements)
_ONE = (p.feed_id == bindparam("of_feed"), p.article_id == bindparam("of_article"))
_LEAVE = delete(placements).where(*_ONE)
_REASON = update(placements).where(*_ONE).values(why=bindparam("why"), sort_date=bindparam("sort_date"))
_TOUCH = update(placements).where(*_ONE).values(touched_at=bindparam("touched_at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An article and the feeds it belongs in from now on."""

    article_id: int
    sort_date: datetime
    #: hash of its content
    digest: str
    #: when this was decided
    at: datetime
    #: since when it stands where it now enters; None: since it was decided
    since: datetime | None = None
    #: feed id -> why
    feeds: Mapping[int, str]
    #: it was not stored before, so it has no placements yet
    is_new: bool = False
    #: its content changed, so every feed it stays in changes too
    is_changed: bool = False
    #: when subscribers should hear of it; None: they need not hear of it anew
    touched_at: datetime | None = None
    #: its published id, where it leaves because it was taken back; None otherwise
    withdrawn_id: str | None = None
    #: of several that enter together, the lower enters first, whatever their dates
    order: int = 0


@dataclass(slots=True)
class _Work:
    """What has to be written for one feed."""

    entering: list[Standing] = field(default_factory=list)
    leaving: list[Leaving] = field(default_factory=list)
    #: parameters of _TOUCH, for rows that subscribers should hear of again
    changed: list[dict[str, Any]] = field(default_factory=list)
    #: parameters of _REASON, for rows that stay and say something else now
    reasons: list[dict[str, Any]] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    at: datetime | None = None

    def enter(self, standing: Standing) -> None:
        self.entering.append(standing)
        self.touch(standing, "in")

    def touch(self, standing: Standing, what: str) -> None:
        self.touched.append(f"{what} {standing.article_id} {standing.digest}")
        self.at = max(self.at, standing.at) if self.at else standing.at


def feed_ids(connection: Connection, targets: Collection[Address]) -> dict[Address, int]:
    """Return the ids of the feeds in force among these (kind, slug), and of those of sources that left."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, slug in sorted(targets):
        by_kind[kind].append(slug)
    return {
        (row.kind, row.slug): row.id
        for kind, slugs in by_kind.items()
        for some in chunks(slugs)
        for row in connection.execute(_NAMED, {"of_kind": kind, "wanted": some})
    }


def wanted_feeds(targets: Sequence[Target], ids: Mapping[Address, int]) -> dict[int, str]:
    """Return feed id -> why for the targets that exist."""
    return {ids[t.kind, t.slug]: t.why for t in targets if (t.kind, t.slug) in ids}


def write_placements(
    connection: Connection, standings: Sequence[Standing], only: Collection[int] | None = None
) -> set[int]:
    """Make the placements of these articles what they should be; return the ids of changed feeds.

    Args:
        only: other feeds are left alone; None for all.
    """
    have = _present(connection, [s.article_id for s in standings if not s.is_new], only)
    work: dict[int, _Work] = defaultdict(_Work)
    for standing in standings:
        _compare(standing, have.get(standing.article_id, {}), work)
    _write(connection, work)
    return {feed_id for feed_id, todo in work.items() if todo.touched}


def _present(
    connection: Connection, article_ids: Sequence[int], only: Collection[int] | None
) -> dict[int, dict[int, AnyRow]]:
    """Return the rows of placements, with _PLACES' columns, by article and feed."""
    query = _PLACES if only is None else _PLACES.where(p.feed_id.in_(only))
    have: dict[int, dict[int, AnyRow]] = defaultdict(dict)
    for row in rows_among(connection, query, article_ids):
        have[row.article_id][row.feed_id] = row
    return have


def _compare(standing: Standing, have: Mapping[int, AnyRow], work: dict[int, _Work]) -> None:
    if not have:  # as for all that is new
        for feed_id in standing.feeds:
            work[feed_id].enter(standing)
        return
    # what entered in an issue stays there as long as it is out at all
    kept = {feed_id: place.why for feed_id, place in have.items() if place.is_timed and standing.feeds}
    stays = {**kept, **standing.feeds}
    for feed_id, why in stays.items():
        if feed_id not in have:
            work[feed_id].enter(standing)
            continue
        one = {"of_feed": feed_id, "of_article": standing.article_id}
        if standing.is_changed:
            work[feed_id].touch(standing, "changed")
            if standing.touched_at is not None:
                work[feed_id].changed.append({**one, "touched_at": standing.touched_at})
        if (have[feed_id].why, have[feed_id].sort_date) != (why, standing.sort_date):
            work[feed_id].reasons.append({**one, "why": why, "sort_date": standing.sort_date})
        if have[feed_id].sort_date != standing.sort_date:
            work[feed_id].touch(standing, "moved")
    for feed_id in have.keys() - stays.keys():
        entered, withdrawn_id = have[feed_id].entered, standing.withdrawn_id
        work[feed_id].leaving.append(
            Leaving(feed_id, standing.article_id, entered, standing.at, withdrawn_id)
        )
        work[feed_id].touch(standing, "out")


def _write(connection: Connection, work: Mapping[int, _Work]) -> None:
    heads = _lock(connection, [feed_id for feed_id, todo in work.items() if todo.touched])
    new: list[dict[str, Any]] = []
    closed: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    for feed_id, head in heads.items():
        todo = work[feed_id]
        at = max(filter(None, (head.changed_at, todo.at)))
        write_back(connection, feed_id, [s.article_id for s in todo.entering if not s.is_new], at)
        new += _entering(feed_id, head.last_entered, todo.entering)
        cuts = cut(head, head.last_entered + len(todo.entering), at)
        closed += cuts
        versions.append(_next_head(head, todo, at, cuts))
    leaving = [one for todo in work.values() for one in todo.leaving]
    write_leaving(connection, leaving)
    gone = [{"of_feed": one.feed_id, "of_article": one.article_id} for one in leaving]
    write_rows(connection, _LEAVE, gone)
    write_rows(connection, _REASON, [row for todo in work.values() for row in todo.reasons])
    write_rows(connection, _TOUCH, [row for todo in work.values() for row in todo.changed])
    write_rows(connection, _ENTER, new)
    drop_emptied(connection, {one.feed_id for one in leaving})
    if closed:
        connection.execute(insert(archives), closed)
    if versions:
        write_rows(connection, _NEXT_HEAD, versions)
        announce(connection)


def _next_head(head: AnyRow, todo: _Work, at: datetime, cuts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "row_id": head.id,
        "next": next_version(head.version, todo.touched),
        "at": at,
        "last": head.last_entered + len(todo.entering),
        "recent": max(filter(None, (head.recent_from, at - RECENT))),
        "archived": cuts[-1]["last"] if cuts else head.archived_to,
        "archives": head.archive_count + len(cuts),
    }


_NEXT_HEAD = (
    update(feeds)
    .where(feeds.c.id == bindparam("row_id"))
    .values(
        version=bindparam("next"),
        changed_at=bindparam("at"),
        last_entered=bindparam("last"),
        recent_from=bindparam("recent"),
        archived_to=bindparam("archived"),
        archive_count=bindparam("archives"),
    )
)


def _lock(connection: Connection, ids: Collection[int]) -> dict[int, AnyRow]:
    return {row.id: row for row in rows_among(connection, _HEADS, ids)}


def _entering(feed_id: int, last: int, standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Older articles enter before newer ones, whatever the order of the polls in a batch."""
    ordered = sorted(standings, key=lambda one: (one.order, one.sort_date, one.article_id))
    return [
        {
            "feed_id": feed_id,
            "article_id": standing.article_id,
            "sort_date": standing.sort_date,
            "entered": number,
            "entered_at": standing.since or standing.at,
            "touched_at": standing.touched_at or standing.since or standing.sort_date,
            "why": standing.feeds[feed_id],
        }
        for number, standing in enumerate(ordered, last + 1)
    ]
