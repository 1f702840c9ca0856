"""New and changed articles become rows: article, body, words and the names under it.

In: what the gate admitted. Out: the article ids, with what was new. An article keeps its
first seen and published id for ever; a published id that another article holds meanwhile is
replaced by a minted one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Text, bindparam, case, delete, func, select, update

from aggregator.model import Entry, Placed
from aggregator.model.packing import pack, unpack
from aggregator.query.bylines import byline_slugs
from aggregator.store.articles.events import note_events
from aggregator.store.articles.fulltext import index_words, unindex_words
from aggregator.store.articles.hashes import hash_of, identity_of, minted_id
from aggregator.store.dialect import is_postgres, next_ids
from aggregator.store.feeds.archiving import keep_revisions
from aggregator.store.rows import among, insert_or_ignore, insert_or_replace, rows_among, write_rows
from aggregator.store.tables import articles, bodies, bylines

a = articles.c
#: published ids minted for one entry before it is given up
MINTS = 5
_IDS = select(a.id).where(among(a.id))
_IDENTITIES = select(a.identity).where(among(a.identity))
_BODIES = select(bodies).where(among(bodies.c.article_id))
_UNSIGN = delete(bylines).where(bylines.c.article_id == bindparam("of_article"))


@dataclass(frozen=True, slots=True)
class Arrival:
    """An admitted entry on its way in."""

    placed: Placed
    #: when its document was fetched
    at: datetime
    #: the URL its source was first configured with
    first_url: str
    #: it came with the first document of its source: history rather than news
    is_history: bool = False


def add_articles(connection: Connection, arrivals: Sequence[Arrival]) -> dict[int, Arrival]:
    """Store new articles and return them by their ids, which ascend in the order given.

    One whose key the source has already, or had, is left out.
    """
    if not arrivals:
        return {}
    ids = next_ids(connection, articles, len(arrivals))
    coming = dict(zip(ids, arrivals, strict=True))
    rows = {article_id: _new_row(article_id, arrival) for article_id, arrival in coming.items()}
    kept = _insert(connection, list(rows.values()))
    refused = [row for article_id, row in rows.items() if article_id not in kept]
    tried = 0
    while refused and tried < MINTS:
        # an article that had this key is known under another one by now, and keeps its id
        refused = _minted(connection, refused, coming, tried)
        kept |= _insert(connection, refused)
        refused = [row for row in refused if row["id"] not in kept]
        tried += 1
    stored = {article_id: arrival for article_id, arrival in coming.items() if article_id in kept}
    entries = [(article_id, arrival.placed.admission.entry) for article_id, arrival in stored.items()]
    if entries:
        _store_bodies(connection, entries)
        index_words(connection, entries)
        _write_bylines(connection, stored)
    return stored


def change_articles(connection: Connection, arrivals: Sequence[Arrival]) -> dict[int, Arrival]:
    """Overwrite stored articles by what their publisher says now; return them by id."""
    changed = {x.placed.admission.article_id: x for x in arrivals if x.placed.admission.article_id}
    before = load_entries(connection, changed.keys())
    changed = {article_id: arrival for article_id, arrival in changed.items() if article_id in before}
    if not changed:
        return {}
    keep_revisions(connection, changed.keys(), max(arrival.at for arrival in changed.values()))
    rows = [_changed_row(article_id, arrival) for article_id, arrival in changed.items()]
    names = [name for name in rows[0] if name not in ("row_id", "at", "announced", "past")]
    connection.execute(
        update(articles)
        .where(a.id == bindparam("row_id"))
        .values({name: bindparam(name) for name in names})
        .values(
            # an edit that is nothing to tell readers leaves the date of the last change alone
            changed_at=case((bindparam("announced"), bindparam("at")), else_=a.changed_at),
            last_in_document=bindparam("at"),
            edits=a.edits + 1,
            past_digests=func.coalesce(bindparam("past", type_=Text), a.past_digests),
        ),
        rows,
    )
    note_events(
        connection,
        {article_id: arrival.placed.admission.change for article_id, arrival in changed.items()},
        {article_id: arrival.at for article_id, arrival in changed.items()},
    )
    entries = [(article_id, arrival.placed.admission.entry) for article_id, arrival in changed.items()]
    unindex_words(connection, [(article_id, before[article_id]) for article_id, _ in entries])
    _store_bodies(connection, entries)
    index_words(connection, entries)
    write_rows(connection, _UNSIGN, [{"of_article": article_id} for article_id in changed])
    _write_bylines(connection, changed)
    return changed


def load_entries(connection: Connection, ids: Collection[int]) -> dict[int, Entry]:
    """Return the stored entries of these articles by article id."""
    return {row.article_id: unpack(row.entry) for row in rows_among(connection, _BODIES, ids)}


def _write_bylines(connection: Connection, arrivals: Mapping[int, Arrival]) -> None:
    """Write whose names stand under these articles."""
    rows = [
        {"slug": slug, "article_id": article_id, "sort_date": admission.sort_date, "name": name}
        for article_id, arrival in arrivals.items()
        for admission in [arrival.placed.admission]
        for slug, name in byline_slugs([person.name for person in admission.entry.authors]).items()
    ]
    write_rows(connection, insert_or_ignore(connection, bylines), rows)


def _new_row(article_id: int, arrival: Arrival) -> dict[str, Any]:
    admission = arrival.placed.admission
    return _content_row(arrival) | {
        "id": article_id,
        "source_id": admission.source_id,
        "published_id": admission.published_id,
        "published_hash": hash_of(admission.published_id),
        "first_seen": admission.first_seen,
        "changed_at": admission.first_seen,
        "last_in_document": arrival.at,
        "edits": 0,
        "past_digests": " ".join(admission.past_digests or ()),
    }


def _changed_row(article_id: int, arrival: Arrival) -> dict[str, Any]:
    admission = arrival.placed.admission
    return _content_row(arrival) | {
        "row_id": article_id,
        "at": arrival.at,
        "announced": admission.is_announced,
        "past": None if admission.past_digests is None else " ".join(admission.past_digests),
    }


def _content_row(arrival: Arrival) -> dict[str, Any]:
    """The columns that follow what the publisher says, and our decision about it."""
    admission = arrival.placed.admission
    entry = admission.entry
    return {
        # a stored article may have moved to another key
        "key": entry.key,
        "identity": identity_of(admission.source_id, entry.key),
        "link": entry.link,
        "link_hash": hash_of(entry.link) if entry.link else None,
        "published": entry.published,
        "updated": entry.updated,
        "sort_date": admission.sort_date,
        "state": admission.state.value,
        "reason": admission.reason,
        "release_at": admission.release_at,
        "fingerprint": admission.fingerprint,
        "digest": entry.digest,
        "language": entry.language,
        "topics": " ".join(arrival.placed.topics),
    }


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Insert rows unless their identity or published id is taken; return the ids that went in.

    On PostgreSQL in the order of their hashes, so that two writers with the same ids never wait
    for each other in a circle; SQLite has one writer, and appends what comes in the order of ids.
    """
    if not rows:
        return set()
    ordered = sorted(rows, key=itemgetter("published_hash")) if is_postgres(connection) else rows
    wanted = {row["id"] for row in rows}
    if write_rows(connection, insert_or_ignore(connection, articles), ordered) == len(rows):
        return wanted
    # asking afterwards is cheaper than RETURNING, which would write out every row's parameters
    return {row.id for row in rows_among(connection, _IDS, wanted)}


def _minted(
    connection: Connection, rows: Sequence[dict[str, Any]], coming: Mapping[int, Arrival], tried: int
) -> list[dict[str, Any]]:
    """Return the rows that were refused for their published id alone, with minted ones."""
    wanted = {row["identity"]: row for row in rows}
    for row in list(rows_among(connection, _IDENTITIES, wanted)):
        wanted.pop(bytes(row.identity))
    minted = []
    for row in wanted.values():
        published_id = minted_id(coming[row["id"]].first_url, row["key"], tried)
        minted.append(row | {"published_id": published_id, "published_hash": hash_of(published_id)})
    return minted


def _store_bodies(connection: Connection, entries: Sequence[tuple[int, Entry]]) -> None:
    rows = [{"article_id": article_id, "entry": pack(entry)} for article_id, entry in entries]
    write_rows(connection, insert_or_replace(connection, bodies, "entry"), rows)
