"""What a poll taught about its source becomes its row: validators, health, moves, next poll.

In: finished polls and the rows as they are. Out: updated rows, all polls of one kind by one
statement. Articles are not touched here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Update, bindparam, null, select, update

from aggregator.model import Failed, FailureKind, FeedInfo, PollResult, Validators
from aggregator.store.feeds.versions import feeds_with, touch_feeds
from aggregator.store.rows import among, rows_among, write_rows
from aggregator.store.sources import moves
from aggregator.store.sources.cards import make_card
from aggregator.store.tables import feeds, sources
from aggregator.store.types import AnyRow

c = sources.c
#: how long a document that holds the same is not compared with what is stored of it
SETTLED_FOR = timedelta(hours=4)
GONE = "The publisher says 410 Gone: it is not asked again, unless by `aggregator poll NAME`."

#: what every poll changes: of most that is all
_TIMES = ("due_at", "not_before", "next_why", "last_poll", "last_success", "late_s")
_STATE = (
    *("etag", "last_modified", "validators_url", "body_hash"),
    *("failures", "failure_kind", "reason", "is_gone", *moves.COLUMNS),
)
_LIGHT = (*_TIMES, *_STATE)
#: what only a document touches; read for those that brought one
_HEAVY = frozenset({"settings", "info", "hints"})
_ROWS = (
    select(*(column for column in c if column.name not in _HEAVY))
    .where(among(c.id))
    .order_by(c.id)
    .with_for_update()
)
_THIS = update(sources).where(c.id == bindparam("row_id"))


def _update(names: Sequence[str]) -> Update:
    """Return what writes these columns and gives the claim back; an index on a column left out rests."""
    free = {"claim_token": null(), "claimed_until": null()}
    return _THIS.values({name: bindparam(name) for name in names} | free)


_TELL_TIMES, _TELL_ALL = _update(_TIMES), _update(_LIGHT)
_TELL_RHYTHM = _THIS.values(rhythm=bindparam("rhythm"))
_DOCUMENT = ("info", "hints", "entry_count", "imported_at", "document_at", "settled", "settled_until")
_TELL_DOCUMENT = _THIS.values({name: bindparam(name) for name in _DOCUMENT})
_CARDS = select(c.id, c.slug, c.url, c.moved_url, c.settings, c.info).where(among(c.id))
_OWN_FEEDS = select(feeds.c.id, feeds.c.source_id).where(among(feeds.c.source_id))


def lock_sources(connection: Connection, ids: Collection[int]) -> dict[int, AnyRow]:
    """Return the rows of these sources, held until the transaction ends, by id.

    Settings and what documents said are left out: most polls bring no document.
    """
    return {row.id: row for row in rows_among(connection, _ROWS, ids)}


def write_polls(connection: Connection, results: Sequence[PollResult], rows: Mapping[int, AnyRow]) -> None:
    """Update the rows of polled sources and give their claims back."""
    light = [_light(result, rows[result.claim.source_id]) for result in results]
    quiet = [values for values in light if _is_quiet(values, rows[values["row_id"]])]
    told = {values["row_id"] for values in quiet}
    write_rows(connection, _TELL_TIMES, quiet)
    write_rows(connection, _TELL_ALL, [values for values in light if values["row_id"] not in told])
    learnt = [
        {"row_id": r.claim.source_id, "rhythm": r.rhythm}
        for r in results
        if r.rhythm is not None and r.rhythm != rows[r.claim.source_id].rhythm
    ]
    write_rows(connection, _TELL_RHYTHM, learnt)
    _write_documents(connection, [r for r in results if r.info is not None], rows)


def _is_quiet(values: Mapping[str, Any], row: AnyRow) -> bool:
    """Tell whether a poll changes nothing of its source but times."""
    kept = row._mapping
    return all(values[name] == kept[name] for name in _STATE)


def _light(result: PollResult, row: AnyRow) -> dict[str, Any]:
    is_failure, is_gone = result.failure is not None, result.kind == "gone"
    stored = Validators(row.etag, row.last_modified, row.validators_url)
    validators = result.validators if result.validators is not None else stored
    is_success = not is_failure and not is_gone
    if result.failure and result.failure.kind is FailureKind.OFFLINE:
        return _offline(result.failure, result, row)
    # nobody may ask before the end of a Retry-After, whatever a changed configuration says
    planned = max(row.due_at, row.not_before or row.due_at)
    return {
        "row_id": row.id,
        "etag": validators.etag,
        "last_modified": validators.last_modified,
        "validators_url": validators.url,
        "body_hash": result.body_hash or row.body_hash,
        "due_at": result.next_poll.at,
        "not_before": result.next_poll.not_before,
        "next_why": result.next_poll.why,
        "last_poll": result.at,
        "last_success": result.at if is_success else row.last_success,
        "failures": 0 if is_success else row.failures + 1,
        "failure_kind": result.failure.kind.value if result.failure else "gone" if is_gone else None,
        "reason": result.failure.reason if result.failure else GONE if is_gone else None,
        "is_gone": is_gone,
        "late_s": (result.at - planned).total_seconds() if planned <= result.at else None,
    } | moves.move(result, row, is_success=is_success)


def _offline(failure: Failed, result: PollResult, row: AnyRow) -> dict[str, Any]:
    """Nobody was asked: everything stays, but when to try again."""
    kept = {name: getattr(row, name) for name in _LIGHT}
    kept |= {"due_at": result.next_poll.at, "next_why": result.next_poll.why}
    if not row.failures:
        kept |= {"failure_kind": failure.kind.value, "reason": failure.reason}
    return {"row_id": row.id} | kept


def _write_documents(
    connection: Connection, results: Sequence[PollResult], rows: Mapping[int, AnyRow]
) -> None:
    """Keep what documents say of themselves; feeds that show it get new versions."""
    if not results:
        return
    written = []
    for result in results:
        row = rows[result.claim.source_id]
        written.append(
            {
                "row_id": row.id,
                "info": result.info,
                "hints": replace(result.info.hints, is_ended=result.info.is_ended) if result.info else None,
                "entry_count": row.entry_count if result.entry_count is None else result.entry_count,
                "imported_at": row.imported_at or _imported_at(result),
                "document_at": result.at,
                "settled": row.settled if result.settled is None else result.settled or None,
                "settled_until": row.settled_until if result.settled is None else result.at + SETTLED_FOR,
            }
        )
    _show_new_looks(connection, results, rows)
    write_rows(connection, _TELL_DOCUMENT, written)


def _imported_at(result: PollResult) -> datetime | None:
    """Return when the first import was, not before its articles were seen; None while there is none.

    A document without entries is no import: the next one may hold a hundred old ones.
    """
    if result.entry_count == 0 and not result.placed:
        return None
    return max([result.at, *(placed.admission.first_seen for placed in result.placed)])


def _show_new_looks(
    connection: Connection, results: Sequence[PollResult], rows: Mapping[int, AnyRow]
) -> None:
    looks: dict[int, str] = {}
    said = {result.claim.source_id: result for result in results}
    for row in list(rows_among(connection, _CARDS, said)):
        result = said[row.id]
        look = _look(row, result.info or FeedInfo())
        if look != _look(row, row.info or FeedInfo()):
            looks[row.id] = repr(look)
    if not looks:
        return
    why = {row.id: looks[row.source_id] for row in rows_among(connection, _OWN_FEEDS, looks)}
    for source_id, shown in sorted(looks.items()):
        # before its first document a source stands beside no article
        if rows[source_id].imported_at is not None:
            for feed_id in feeds_with(connection, [source_id]):
                why[feed_id] = why.get(feed_id, "") + shown
    touch_feeds(connection, why, max(result.at for result in results))


def _look(row: AnyRow, info: FeedInfo) -> tuple[object, ...]:
    """What of a document's own words stands beside its articles; its date is told per article."""
    card = make_card(row.id, row.slug, row.moved_url or row.url, row.settings, info)
    return card.name, card.link, card.feed_id, card.title, card.authors, card.rights, card.icon, card.language
