"""Claims: one worker's right to poll a source, until a moment.

In: now and limits. Out: Claim values with everything a poll needs. A claim that is not given
back ends by itself, so a crash frees its sources; save() checks that it still holds. No
request is made here and no due time decided.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, func, null, or_, select, update

from aggregator.http.groups import is_shared
from aggregator.model import Budget, Claim, FailureKind, Hints, Validators
from aggregator.store.holders import FREE, claim_rows, has_ended, is_free, running_at
from aggregator.store.locks import lock
from aggregator.store.rows import among, change_among, rows_among, value_of
from aggregator.store.sources.hosts import allowance, is_open, space, spend
from aggregator.store.sources.moves import asked_url
from aggregator.store.tables import hub_requests, hub_subscriptions, sources, subscriptions, traces
from aggregator.store.types import AnyRow

c = sources.c
#: what may be polled at all
_POLLABLE = (c.is_configured, ~c.is_gone)
#: due sources looked at for one claim; more only where whole hosts are busy
WINDOW = 4
#: claims made at once that carry what is known of their documents
MOST_TRACED = 5000
#: first letters of a worker's claims
WORKER = "worker-"
#: the end of the lease under which a hub delivers this source; null while none does
_PUSHED_UNTIL = (
    select(func.max(subscriptions.c.expires_at))
    .where(
        subscriptions.c.source_id == c.id,
        subscriptions.c.state == "live",
        subscriptions.c.is_proven.is_(True),
    )
    .scalar_subquery()
)
_COLUMNS = (
    *(c.id, c.slug, c.url, c.moved_url, c.settings, c.etag, c.last_modified, c.validators_url),
    *(c.host, c.sighted_url, c.sighted_by, c.sighted_first, c.sighted_last, c.sighted_count),
    *(c.body_hash, c.failures, c.failure_kind, c.last_poll, c.last_success, c.rhythm, c.is_gone),
    *(c.not_before, c.hints, c.entry_count, c.due_at),
    _PUSHED_UNTIL.label("pushed_until"),
)


def claim_due(
    connection: Connection,
    now: datetime,
    budget: Budget,
    *,
    limit: int,
    seconds: float,
) -> tuple[Claim, ...]:
    """Claim sources that are due, the longest due first, within what all claims together may cost.

    Args:
        limit: at most so many.
        seconds: how long the claims hold.
    """
    lock(connection, "claims")
    limit = min(limit, allowance(connection, budget, now))
    running = running_at(connection, sources, now)
    chosen: list[int] = []
    spaced: set[str] = set()
    while len(chosen) < limit:
        full = [host for host, count in running.items() if count >= budget.per_host or host in spaced]
        window = _due(connection, now, full, WINDOW * limit, chosen)
        for row in window:
            if len(chosen) < limit and running[row.host] < budget.per_host and row.host not in spaced:
                running[row.host] += 1
                chosen.append(row.id)
                if budget.spacing_s and is_shared(row.host):
                    spaced.add(row.host)
        if len(window) < WINDOW * limit:
            break
    space(connection, spaced, now + timedelta(seconds=budget.spacing_s))
    spend(connection, budget, len(chosen), now)
    return _take(connection, chosen, now, seconds, WORKER)


def claim_sources(
    connection: Connection,
    source_ids: Collection[int] | None,
    now: datetime,
    *,
    seconds: float,
    respect_due: bool,
) -> tuple[Claim, ...]:
    """Claim named sources that nobody polls now; never one whose site told us to wait.

    One that is gone is claimed only by its name: its publisher may have said so by mistake.

    Args:
        source_ids: None for every configured source.
        respect_due: False also takes those whose time has not come.
    """
    lock(connection, "claims")
    # a person's wish waits for a row that is being written instead of passing over it
    open_ = is_open(c.host, now, spaced=False)
    pollable = _POLLABLE if source_ids is None else (c.is_configured,)
    query = select(c.id, c.due_at).where(*pollable, *_free(now), open_).order_by(c.id).with_for_update()
    if respect_due:
        query = query.where(c.due_at <= now)
    if source_ids is None:
        rows = list(connection.execute(query))
    else:
        rows = list(rows_among(connection, query.where(among(c.id)), source_ids))
    rows.sort(key=lambda row: (row.due_at, row.id))
    return _take(connection, [row.id for row in rows], now, seconds)


def claim_anyway(
    connection: Connection, source_ids: Collection[int], now: datetime, *, seconds: float
) -> tuple[Claim, ...]:
    """Claim those of the named sources that nobody polls now, to take in what was pushed.

    Nothing is asked of the server then, so a wait that it wishes does not matter.
    """
    lock(connection, "claims")
    query = select(c.id).where(*_POLLABLE, is_free(sources, now), among(c.id))
    query = query.order_by(c.id).with_for_update(skip_locked=True)
    ids = [row.id for row in rows_among(connection, query, source_ids)]
    return _take(connection, ids, now, seconds)


def release_dead(connection: Connection, *, is_alone: bool) -> int:
    """Free what killed processes of this machine had claimed, and return how many rows that were.

    It is asked, or delivered, at once then, and not when the claim ends.

    Args:
        is_alone: the caller is the only worker there can be, and has claimed nothing yet: the claims
            of all workers are free, whatever machine they were made on.
    """
    freed = 0
    for table in (sources, subscriptions, hub_requests, hub_subscriptions):
        token = table.c.claim_token
        held = connection.scalars(select(token).where(table.c.claimed_until.is_not(None)).distinct())
        dead = [one for one in held if one and ((is_alone and one.startswith(WORKER)) or has_ended(one))]
        free = update(table).where(among(token)).values(FREE)
        freed += change_among(connection, free, dead)
    return freed


def release(connection: Connection, claims: Sequence[Claim]) -> None:
    """Give claims back unused; a claim that somebody else holds by now is left alone."""
    if claims:
        connection.execute(
            update(sources)
            .where(c.id == bindparam("row_id"), c.claim_token == bindparam("token"))
            .values(FREE),
            [{"row_id": claim.source_id, "token": claim.token} for claim in claims],
        )


def is_any_unread(connection: Connection, now: datetime) -> bool:
    """Tell whether a source is due that was never polled: it has a document for us, and no 304."""
    unread = select(c.id).where(*_POLLABLE, c.due_at <= now, c.last_poll.is_(None)).limit(1)
    return connection.scalar(unread) is not None


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return is_free(sources, now), or_(c.not_before.is_(None), c.not_before <= now)


def _due(
    connection: Connection, now: datetime, full: Sequence[str], limit: int, chosen: Sequence[int]
) -> Sequence[AnyRow]:
    query = (
        select(c.id, c.host)
        .where(*_POLLABLE, c.due_at <= now, *_free(now), is_open(c.host, now, spaced=True))
        .where(c.host.not_in(bindparam("full", expanding=True)))
        .where(c.id.not_in(bindparam("chosen", expanding=True)))
        .order_by(c.due_at, c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(query, {"full": full, "chosen": chosen}).all()


def _take(
    connection: Connection, ids: Sequence[int], now: datetime, seconds: float, whose: str = ""
) -> tuple[Claim, ...]:
    until = now + timedelta(seconds=seconds)
    token = claim_rows(connection, sources, ids, until, whose)
    query = select(*_COLUMNS).where(among(c.id))
    # a claim of everything at once would hold the traces of everything in memory: then all is read
    if len(ids) <= MOST_TRACED:
        query = query.add_columns(traces.c.trace).outerjoin(traces, traces.c.source_id == c.id)
    else:
        query = query.add_columns(null().label("trace"))
    rows = {row.id: row for row in rows_among(connection, query, ids)}
    return tuple(_claim_of(rows[source_id], token, until) for source_id in ids)


def _claim_of(row: AnyRow, token: str, until: datetime) -> Claim:
    url = asked_url(row)
    return value_of(
        Claim,
        row,
        source_id=row.id,
        source=row.settings,
        token=token,
        until=until,
        url=url,
        is_trial=url == row.url and row.moved_url is not None,
        group=row.host,
        validators=Validators(row.etag, row.last_modified, row.validators_url),
        trace=bytes(row.trace) if row.trace is not None and row.body_hash is not None else None,
        is_offline=row.failure_kind == FailureKind.OFFLINE,
        hints=row.hints or Hints(),
    )
