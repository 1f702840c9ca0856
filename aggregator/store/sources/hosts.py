"""Sites that share one budget: when the next poll may start, who asked us to wait, what we asked.

In: claims and finished polls. Out: rows that every worker reads before it claims, and the ledger
by UTC day. Nothing here makes a request or decides how long a wait is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, or_, select

from aggregator.http.groups import FILES, is_shared
from aggregator.model import Budget, Failed, FailureKind, HostLine, PollResult
from aggregator.model.pages import PageRead
from aggregator.store.rows import insert_or_add, insert_or_replace, write_rows
from aggregator.store.tables import hosts, ledger, robots, sources
from aggregator.store.types import EPOCH, AnyRow

#: a site that says 429 without saying for how long is left alone for at most this
UNSTATED_PAUSE = timedelta(hours=1)
#: the row of the budget of all sites together; no site has this name
EVERYBODY = "*"
#: more polls than ever start at once
UNBOUNDED = 2**31
#: seconds whose share of the common budget may be spent at once, besides one poll
BURST_S = 120.0
#: days that the ledger goes back
LEDGER_DAYS = 60
#: days that a robots.txt which nobody asked for again is kept
ROBOTS_DAYS = 30
_REFUSING = frozenset({401, 403, 429, 451, 503})
_COUNTS = ("polls", "requests", "not_modified", "bytes", "waits", "refusals", "failures")
h, g = hosts.c, ledger.c


def is_open(group: Any, now: datetime, *, spaced: bool) -> ColumnElement[bool]:
    """Return the condition that the group in column *group* may be asked at *now*.

    Args:
        spaced: False ignores the spacing of polls and keeps only what the site asked for.
    """
    waits = h.not_before > now
    return ~exists().where(h.name == group, or_(waits, h.free_at > now) if spaced else waits)


def space(connection: Connection, groups: Iterable[str], until: datetime) -> None:
    """Let no other poll of these public sites start before *until*."""
    rows = [{"name": name, "free_at": until} for name in sorted(set(groups)) if is_shared(name)]
    write_rows(connection, insert_or_replace(connection, hosts, "free_at"), rows)


def allowance(connection: Connection, budget: Budget, now: datetime) -> int:
    """Return how many polls may start now, so that no hour has more than the budget allows."""
    if budget.per_hour is None:
        return UNBOUNDED
    ahead = max((_spent_until(connection, now) - now).total_seconds(), 0.0)
    return max(0, int((BURST_S - ahead) / _interval_s(budget.per_hour) + 1 + 1e-6))


def spend(connection: Connection, budget: Budget, count: int, now: datetime) -> None:
    """Take *count* polls off the common budget."""
    if budget.per_hour is not None and count:
        start = max(_spent_until(connection, now), now)
        row = {"name": EVERYBODY, "free_at": start + timedelta(seconds=count * _interval_s(budget.per_hour))}
        write_rows(connection, insert_or_replace(connection, hosts, "free_at"), [row])


def _spent_until(connection: Connection, now: datetime) -> datetime:
    return connection.scalar(select(h.free_at).where(h.name == EVERYBODY)) or now


def _interval_s(per_hour: int) -> float:
    # what a burst takes in advance is saved over the hour
    return (3600.0 + BURST_S) / per_hour


def write_answers(
    connection: Connection, results: Sequence[PollResult], rows: Mapping[int, AnyRow], day_of: datetime
) -> None:
    """Book finished polls in the ledger, and keep what sites asked for.

    Args:
        rows: the sources' rows by id.
        day_of: the moment whose UTC day is booked.
    """
    _book(connection, results, rows, (day_of - EPOCH).days)
    pauses: dict[str, tuple[datetime, str]] = {}
    for result in results:
        group = rows[result.claim.source_id].host
        pause = _pause_of(result) if is_shared(group) else None
        if pause is not None and (group not in pauses or pause[0] > pauses[group][0]):
            pauses[group] = pause
    _write_pauses(connection, pauses)


def book_pages(connection: Connection, reads: Sequence[PageRead]) -> None:
    """Book what reading articles' pages asked of sites, beside their polls, and keep what they asked for."""
    books: dict[tuple[int, str], Counter[str]] = {}
    pauses: dict[str, tuple[datetime, str]] = {}
    for read in reads:
        group, failure = read.claim.group, read.failure
        book = books.setdefault(((read.at - EPOCH).days, group), Counter())
        book["requests"] += read.requests
        book["bytes"] += read.wire_bytes
        book["waits"] += failure is not None and failure.hints.retry_after_s is not None
        book["refusals"] += failure is not None and _is_refusal(failure)
        if failure is not None and failure.kind is FailureKind.RATE_LIMITED and is_shared(group):
            stated = failure.hints.retry_after_s
            wait = UNSTATED_PAUSE if stated is None else timedelta(seconds=min(max(stated, 0.0), 86400.0))
            pauses[group] = read.at + wait, failure.reason
    _write_books(connection, books)
    _write_pauses(connection, pauses)


def load_hosts(connection: Connection, now: datetime, days: int = 7) -> tuple[HostLine, ...]:
    """Return the sites of the sources in force and those asked in the last *days*, most asked first.

    Local files are nobody's site, and in no line.
    """
    c = sources.c
    counting = select(c.host, func.count()).where(c.is_configured).group_by(c.host)
    counts = {row[0]: row[1] for row in connection.execute(counting)}
    sums = select(g.name, *(func.sum(g[name]).label(name) for name in _COUNTS))
    asked = connection.execute(sums.where(g.day > (now - EPOCH).days - days).group_by(g.name))
    totals = {row.name: {name: int(getattr(row, name)) for name in _COUNTS} for row in asked}
    waits = {row.name: row for row in connection.execute(select(hosts).where(h.not_before > now))}
    lines = [
        HostLine(
            name=name,
            sources=counts.get(name, 0),
            not_before=waits[name].not_before if name in waits else None,
            why=waits[name].why if name in waits else None,
            **totals.get(name, {}),
        )
        for name in (counts.keys() | totals.keys()) - {FILES}
    ]
    return tuple(sorted(lines, key=lambda line: (-line.requests, line.name)))


def forget_old_days(connection: Connection, now: datetime) -> None:
    """Remove days past the ledger's length, old robots.txt, and sites with nothing to remember."""
    connection.execute(delete(robots).where(robots.c.until < now - timedelta(days=ROBOTS_DAYS)))
    connection.execute(delete(ledger).where(g.day < (now - EPOCH).days - LEDGER_DAYS))
    is_over = [or_(column.is_(None), column <= now) for column in (h.free_at, h.not_before)]
    connection.execute(delete(hosts).where(*is_over))


def _write_pauses(connection: Connection, pauses: Mapping[str, tuple[datetime, str]]) -> None:
    rows = [{"name": name, "not_before": at, "why": why} for name, (at, why) in sorted(pauses.items())]
    write_rows(connection, insert_or_replace(connection, hosts, "not_before", "why"), rows)


def _book(
    connection: Connection, results: Sequence[PollResult], rows: Mapping[int, AnyRow], day: int
) -> None:
    books: dict[tuple[int, str], Counter[str]] = {}
    for result in results:
        if result.failure is not None and result.failure.kind is FailureKind.OFFLINE:
            continue
        book = books.setdefault((day, rows[result.claim.source_id].host), Counter())
        book["polls"] += 1
        book["requests"] += result.requests
        book["bytes"] += result.wire_bytes
        book["not_modified"] += result.kind == "not-modified"
        book["waits"] += result.hints.retry_after_s is not None
        book["failures"] += result.failure is not None or result.kind == "gone"
        book["refusals"] += result.failure is not None and _is_refusal(result.failure)
    _write_books(connection, books)


def _write_books(connection: Connection, books: Mapping[tuple[int, str], Counter[str]]) -> None:
    rows = [
        {"day": day, "name": name} | {c: book[c] for c in _COUNTS}
        for (day, name), book in sorted(books.items())
    ]
    write_rows(connection, insert_or_add(connection, ledger, *_COUNTS), rows)


def _is_refusal(failure: Failed) -> bool:
    return failure.kind is FailureKind.CHALLENGE or failure.status in _REFUSING


def _pause_of(result: PollResult) -> tuple[datetime, str] | None:
    """Return until when the whole site waits after this answer, and why; None if only the source does."""
    failure, until = result.failure, result.next_poll.not_before
    if failure is None or failure.kind is not FailureKind.RATE_LIMITED or until is None:
        return None
    if result.hints.retry_after_s is None:
        until = min(until, result.at + UNSTATED_PAUSE)
    return until, failure.reason
