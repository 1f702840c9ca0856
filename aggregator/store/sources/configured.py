"""The configured sources become rows: new ones are added, others follow, none is deleted.

In: the sources of a configuration in file order. Out: what changed, so that the rules that
speak of sources can be judged again. Articles, validators and rhythms stay with their source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from aggregator.http.groups import group_of
from aggregator.model import FailureKind, Source
from aggregator.store.articles.page_texts import follow_switch, read_again
from aggregator.store.dialect import next_ids
from aggregator.store.feeds.versions import new_feed
from aggregator.store.holders import FREE
from aggregator.store.rows import among, change_among, rows_among, value_of
from aggregator.store.sources.matching import StoredSource, match_sources
from aggregator.store.sources.slugs import slug_of, slugify, unused
from aggregator.store.tables import feeds, source_slugs, sources

Match = tuple[int, Source, StoredSource]
c = sources.c


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """What a configuration changed about sources; slugs, in file order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    #: same source, other name or URL
    renamed: tuple[str, ...] = ()
    #: tags, names, slugs or languages changed: queries about them may answer otherwise
    relabelled: tuple[str, ...] = ()
    #: ids of sources that look different beside their articles
    looks: tuple[int, ...] = ()


def apply_sources(connection: Connection, configured: Sequence[Source], now: datetime) -> SourceChanges:
    """Write the sources of a configuration; the caller holds the configuration lock."""
    stored = load_stored(connection)
    given = {row.slug: row.source_id for row in connection.execute(select(source_slugs))}
    matches = match_sources(configured, stored.values())
    known = [(i, s, row) for i, (s, row) in enumerate(zip(configured, matches, strict=True)) if row]
    new = [(i, s) for i, (s, row) in enumerate(zip(configured, matches, strict=True)) if row is None]
    kept = {row.id for _, _, row in known}
    left = [row for row in stored.values() if row.is_configured and row.id not in kept]
    _remove(connection, left)
    slugs = {row.id: _follow_id(connection, source, row, given) for _, source, row in known}
    _update(connection, known, slugs, now)
    added = _add(connection, new, given, now)
    follow_switch(connection, [row.id for _, s, row in known if s.full_text != row.settings.full_text], now)
    read_again(connection, [row.id for _, s, row in known if s.text != row.settings.text], now)
    back = [row for _, _, row in known if not row.is_configured]
    return SourceChanges(
        added=(*added, *(slugs[row.id] for row in back)),
        removed=tuple(row.slug for row in left),
        renamed=tuple(slugs[row.id] for _, s, row in known if (s.url, s.name) != (row.url, row.name)),
        relabelled=tuple(
            slugs[row.id]
            for _, s, row in known
            if _labels(s) != _labels(row.settings) or slugs[row.id] != row.slug
        ),
        looks=tuple(
            row.id
            for (_, s, row), before in zip(known, sorted(known, key=_place), strict=True)
            # what stands first in the file is shown first, of copies as good
            if _look(s) != _look(row.settings) or row.id != before[2].id
        ),
    )


def load_stored(connection: Connection) -> dict[int, StoredSource]:
    """Return all sources by id, as far as recognising them needs."""
    columns: tuple[Any, ...] = (c.id, c.slug, c.url, c.name, c.handle, c.moved_url)
    columns += (c.settings, c.place, c.position, c.is_configured)
    return {row.id: value_of(StoredSource, row) for row in connection.execute(select(*columns))}


def _place(known: tuple[int, Source, StoredSource]) -> int:
    return known[2].position


def _labels(source: Source) -> tuple[object, ...]:
    return source.tags, source.name, source.id, source.language


def _look(source: Source) -> tuple[object, ...]:
    shown = (source.url, source.name, source.tags, source.content, source.rights, source.language)
    return *shown, source.rewrite, source.noindex, source.full_text, source.weight


def _set(connection: Connection, ids: Iterable[int], **values: Any) -> None:
    change_among(connection, update(sources).where(among(c.id)).values(values), ids)


def _publish(connection: Connection, ids: Iterable[int], is_configured: bool) -> None:
    of_sources = update(feeds).where(among(feeds.c.source_id))
    change_among(connection, of_sources.values(is_configured=is_configured), ids)


def _remove(connection: Connection, left: Sequence[StoredSource]) -> None:
    # a poll that is under way has nobody to report to any more
    ids = [row.id for row in left]
    _set(connection, ids, is_configured=False, **FREE)
    _publish(connection, ids, False)


def _follow_id(connection: Connection, source: Source, row: StoredSource, given: dict[str, int]) -> str:
    """Return the source's slug; one that was given an id of its own takes that for its slug."""
    wanted = slugify(source.id or "")
    if source.id == row.handle or not wanted or given.get(wanted, row.id) != row.id or wanted == row.slug:
        return row.slug
    if wanted not in given:
        connection.execute(insert(source_slugs).values(slug=wanted, source_id=row.id))
        given[wanted] = row.id
    connection.execute(update(feeds).where(feeds.c.source_id == row.id).values(slug=wanted))
    return wanted


def _update(connection: Connection, known: Sequence[Match], slugs: dict[int, str], now: datetime) -> None:
    rows = [
        _row(index, source, row.moved_url if source.url == row.url else None)
        | {"row_id": row.id, "slug": slugs[row.id]}
        for index, source, row in known
        if (slugs[row.id], replace(source, where=""), source.where, index, True)
        != (row.slug, row.settings, row.place, row.position, row.is_configured)
    ]
    if rows:
        names = [name for name in rows[0] if name != "row_id"]
        connection.execute(
            update(sources)
            .where(c.id == bindparam("row_id"))
            .values({name: bindparam(name) for name in names} | {"is_configured": True}),
            rows,
        )
    _revive(connection, [row.id for _, _, row in known if not row.is_configured], now)
    # the file now says where it moved: it is asked there already, so nothing starts afresh
    _set(connection, [row.id for _, s, row in known if s.url == row.moved_url != row.url], moved_url=None)
    elsewhere = [row for _, s, row in known if s.url not in (row.url, row.moved_url)]
    _ask_elsewhere(connection, elsewhere, now)
    _read_afresh(connection, [row for _, s, row in known if _reading(s) != _reading(row.settings)], now)
    _ask_sooner(connection, known)
    _try_again(connection, [row.id for _, s, row in known if _request(s) != _request(row.settings)], now)


def ask_refused(connection: Connection, now: datetime) -> None:
    """Other addresses are admitted: sources that the guard refused are asked at once."""
    refused = update(sources).where(c.failure_kind == FailureKind.REFUSED, c.is_configured)
    connection.execute(refused.values(due_at=now, next_why="other addresses are admitted"))


def _request(source: Source) -> tuple[object, ...]:
    credentials = source.headers, source.auth, source.user_agent, source.proxy
    return *credentials, source.timeout_s, source.insecure_tls, source.ca_file


def _try_again(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """What failed is asked at once when it is asked in another way; it may wish to be left alone still."""
    failing = update(sources).where(among(c.id), c.failures > 0)
    change_among(connection, failing.values(due_at=now, next_why="how it is asked was changed"), ids)


def _reading(source: Source) -> tuple[object, ...]:
    return source.kind, source.items, source.fields


def _read_afresh(connection: Connection, rows: Sequence[StoredSource], now: datetime) -> None:
    """Other selectors read the same document anew, and how many entries are usual is open again."""
    why = "how it is read was changed"
    forgotten = dict.fromkeys(("etag", "last_modified", "validators_url", "body_hash", "entry_count"))
    _set(connection, [row.id for row in rows], **forgotten, due_at=now, next_why=why)


def _row(index: int, source: Source, moved_url: str | None = None) -> dict[str, Any]:
    return {
        "url": source.url,
        "name": source.name,
        "handle": source.id,
        # its line moves whenever something above is edited; that alone is no change of the source
        "settings": replace(source, where=""),
        "keep_s": source.keep_s,
        "reads_pages": source.full_text,
        "place": source.where,
        "position": index,
        "host": group_of(moved_url or source.url),
    }


def _revive(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """A source that came back is asked at once, even if it was gone."""
    _set(connection, ids, due_at=now, next_why="it came back into the configuration", is_gone=False)
    _publish(connection, ids, True)


def _ask_elsewhere(connection: Connection, rows: Sequence[StoredSource], now: datetime) -> None:
    """Another URL starts afresh: nothing the old one said about itself holds for it."""
    forgotten = (
        *("moved_url", "etag", "last_modified", "validators_url", "body_hash", "sighted_url"),
        *("sighted_first", "sighted_last", *FREE, "not_before", "failure_kind"),
        *("reason", "sighted_by"),
    )
    fresh: dict[str, Any] = {"sighted_count": 0, "failures": 0, "is_gone": False}
    fresh |= dict.fromkeys(forgotten) | {"due_at": now, "next_why": "its URL was changed"}
    _set(connection, [row.id for row in rows], **fresh)


def _ask_sooner(connection: Connection, known: Sequence[Match]) -> None:
    """A shorter ``every`` holds from the last poll on, not only after the next."""
    changed = {row.id: s.every_s for _, s, row in known if s.every_s and s.every_s != row.settings.every_s}
    asked = select(c.id, c.last_poll, c.due_at).where(among(c.id), c.last_poll.is_not(None))
    sooner = [
        {"row_id": row.id, "sooner": at}
        for row in rows_among(connection, asked, changed)
        if (at := row.last_poll + timedelta(seconds=changed[row.id])) < row.due_at
    ]
    if sooner:
        why = "its `every` was shortened"
        connection.execute(
            update(sources)
            .where(c.id == bindparam("row_id"), c.failures == 0)
            .values(due_at=bindparam("sooner"), next_why=why),
            sooner,
        )


def _add(
    connection: Connection, new: Sequence[tuple[int, Source]], given: dict[str, int], now: datetime
) -> tuple[str, ...]:
    if not new:
        return ()
    rows = []
    for row_id, (index, source) in zip(next_ids(connection, sources, len(new)), new, strict=True):
        slug = unused(slug_of(source), given)
        given[slug] = row_id
        rows.append(new_source(row_id, slug, source, index, now))
    insert_sources(connection, rows)
    return tuple(row["slug"] for row in rows)


def new_source(row_id: int, slug: str, source: Source, position: int, now: datetime) -> dict[str, Any]:
    """Return the row of a source that was never asked."""
    return _row(position, source) | {
        "id": row_id,
        "slug": slug,
        "first_url": source.url,
        "is_configured": True,
        "added_at": now,
        "due_at": now,
        "next_why": "it was never asked",
        "sighted_count": 0,
        "failures": 0,
        "is_gone": False,
    }


def insert_sources(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add new sources with their slugs and feeds."""
    connection.execute(insert(sources), rows)
    connection.execute(insert(source_slugs), [{"slug": r["slug"], "source_id": r["id"]} for r in rows])
    of_feeds = [new_feed("source", r["slug"], source_id=r["id"], position=r["position"]) for r in rows]
    connection.execute(insert(feeds), of_feeds)
