"""Sources as people ask for them: by name, and as ``status`` lists them.

Rows flow in, SourceState values out. What a poll needs is in claims, what stands beside an
article in cards.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from aggregator.model import FeedInfo, SourceState
from aggregator.store.articles.page_texts import count_pages
from aggregator.store.rows import among, rows_among, value_of
from aggregator.store.tables import articles, hosts, source_slugs, sources
from aggregator.store.types import AnyRow, Words


def find_source(connection: Connection, handle: str) -> SourceState | None:
    """Return the source that *handle* names: its slug now or before, id, name or URL; None if none does.

    Sources in force come before removed ones, slugs before names.
    """
    c = sources.c
    once = select(source_slugs.c.source_id).where(source_slugs.c.slug == handle)
    for condition in (
        c.slug == handle,
        c.handle == handle,
        c.name == handle,
        (c.url == handle) | (c.moved_url == handle),
        func.lower(c.name, type_=Words) == handle.lower(),
        c.id.in_(once),
    ):
        query = _states().where(condition).order_by(c.is_configured.desc(), c.id).limit(1)
        if row := connection.execute(query).first():
            counting = select(func.count(), func.max(articles.c.sort_date))
            counted = connection.execute(counting.where(articles.c.source_id == row.id)).one()
            state = _state_of(row, *counted)
            return replace(state, pages=count_pages(connection, [row.id]).get(row.id))
    return None


def list_states(
    connection: Connection, *, skip: int = 0, limit: int | None = None, is_ailing: bool = False
) -> tuple[SourceState, ...]:
    """Return the sources: those in force in file order, then the removed ones.

    Args:
        skip: so many are left out at the beginning.
        limit: at most so many; None for all.
        is_ailing: only sources in force that are failing, gone or never answered.
    """
    a = articles.c
    counting = select(a.source_id, func.count(), func.max(a.sort_date)).group_by(a.source_id)
    query = _states().order_by(sources.c.is_configured.desc(), sources.c.position, sources.c.id)
    if is_ailing:
        c = sources.c
        query = query.where(c.is_configured, (c.failures > 0) | c.is_gone | c.last_success.is_(None))
    rows = connection.execute(query if limit is None else query.limit(limit).offset(skip)).all()
    if limit is not None:
        counting = counting.where(a.source_id.in_([row.id for row in rows]))
    counts = {row[0]: (row[1], row[2]) for row in connection.execute(counting)}
    pages = count_pages(connection, None if limit is None else [row.id for row in rows])
    return tuple(
        replace(_state_of(row, *counts.get(row.id, (0, None))), pages=pages.get(row.id)) for row in rows
    )


def list_ids(connection: Connection) -> tuple[int, ...]:
    """Return the ids of all sources, removed ones included, ascending."""
    return tuple(connection.scalars(select(sources.c.id).order_by(sources.c.id)))


def load_states(connection: Connection, ids: Collection[int]) -> tuple[SourceState, ...]:
    """Return these sources without their articles counted, by id."""
    return tuple(_state_of(row, 0, None) for row in rows_among(connection, _BY_ID, ids))


def list_paces(connection: Connection) -> tuple[tuple[int | None, str | None], ...]:
    """Return (seconds between polls as written, None for auto; rhythm) of every source that is asked."""
    c = sources.c
    rows = connection.execute(select(c.settings, c.rhythm).where(c.is_configured, ~c.is_gone))
    return tuple((row.settings.every_s, row.rhythm) for row in rows)


def _states() -> Select[Any]:
    c = sources.c
    return select(
        *(c.id, c.slug, c.settings, c.place, c.info, c.is_configured, c.is_gone, c.last_poll),
        *(c.last_success, c.failures, c.failure_kind, c.reason, c.due_at, c.not_before, c.next_why),
        *(c.moved_url, c.sighted_url, c.host, c.rhythm, c.late_s, c.entry_count, c.added_at),
        *(hosts.c.not_before.label("site_not_before"), hosts.c.why.label("site_why")),
    ).outerjoin(hosts, hosts.c.name == c.host)


_BY_ID = _states().where(among(sources.c.id)).order_by(sources.c.id)


def _state_of(row: AnyRow, count: int, newest: Any) -> SourceState:
    state = _state_word(row)
    due, why = _next_poll(row)
    return value_of(
        SourceState,
        row,
        source_id=row.id,
        source=replace(row.settings, where=row.place),
        info=row.info or FeedInfo(),
        state=state,
        next_poll=None if state in ("gone", "removed") else due,
        next_why=why,
        moved_to=row.moved_url or row.sighted_url,
        is_moved=row.moved_url is not None,
        group=row.host,
        articles=count,
        newest=newest,
    )


def _next_poll(row: AnyRow) -> tuple[datetime, str]:
    """Return when the source is asked and why then: the server may have asked it, or its site, to wait."""
    due, why = row.due_at, row.next_why
    if row.not_before is not None and row.not_before > due:
        due, why = row.not_before, "the server asked us to wait"
    if row.site_not_before is not None and row.site_not_before > due:
        due, why = row.site_not_before, f"{row.host} asked us to wait: {row.site_why}"
    return due, why


def _state_word(row: AnyRow) -> str:
    if not row.is_configured:
        return "desk" if row.settings.kind == "desk" else "removed"
    if row.is_gone:
        return "gone"
    if row.failures:
        return "failing"
    return "ok" if row.last_success else "new"
