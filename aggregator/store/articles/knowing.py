"""What is known of the entries of a poll, for the gate: polled entries flow in, Known values flow out.

Nothing is decided and nothing written here. What costs more is read only where the gate needs
it: stored entries where the polled one differs, recent articles where a key is unknown, the
habit of a source where many are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, func, select

from aggregator.model import ArticleState, Entry, Known, KnownArticle, UnreadArticle
from aggregator.store.articles.bodies import hash_of, identity_of, unpack
from aggregator.store.articles.saving import SEEN_STEP
from aggregator.store.dialect import chunks
from aggregator.store.tables import articles, bodies, sources, tombstones
from aggregator.store.types import AnyRow

T = TypeVar("T")

#: articles that an entry under an unknown key may continue, besides one for each such key
RECENT = 100
#: fewer unknown keys make no flood, so that nobody asks for the habit
FLOOD = 30
#: articles that one document takes back by not holding them
ABSENT = 2000
#: polls that make the habit
ARRIVALS = 20

a = articles.c
_COLUMNS = (
    *(a.id, a.key, a.identity, a.digest, a.published_id, a.first_seen, a.sort_date, a.state, a.reason),
    *(a.release_at, a.fingerprint, a.past_digests, a.published, a.link, a.is_picked),
)
#: put together once: that takes as long as running it
_NEWEST = (
    select(*_COLUMNS, a.last_in_document)
    .where(a.source_id == bindparam("source"))
    .order_by(a.sort_date.desc(), a.id.desc())
    .limit(bindparam("most"))
)


def known(
    connection: Connection,
    wanted: Mapping[int, Sequence[Entry]],
    *,
    unread: Mapping[int, Sequence[str]] = MappingProxyType({}),
    complete: Collection[int] = (),
    holding: Mapping[int, str] = MappingProxyType({}),
    now: datetime | None = None,
) -> dict[int, Known]:
    """Return by source id what the store knows of these entries; sources it lacks are left out.

    Args:
        wanted: the entries of one polled document by source id, with their keys.
        unread: keys of further entries of these documents, which were not read.
        complete: ids of sources whose documents say that there is nothing else.
        holding: hashes of what the documents hold; of one that is settled no article is looked up.
        now: when it is asked which are; None: none is.
    """
    heads = _heads(connection, list(wanted))
    settled = {of for of, head in heads.items() if _is_settled(head, holding.get(of), now)}
    asked = {of: entries for of, entries in wanted.items() if of in heads and of not in settled}
    entries = _by_identity((source_id, e.key, e) for source_id, polled in asked.items() for e in polled)
    keys = _by_identity((source_id, key, key) for source_id in asked for key in unread.get(source_id, ()))
    found, standing = _stored(connection, entries), _standing(connection, keys)
    here = {of: {one.id for some in (found, standing) for one in some[of].values()} for of in asked}
    buried = _buried(connection, _missing(entries, found) | _missing(keys, standing))
    stored = {of: found[of].keys() | buried[of] for of in asked}
    unknown = {of: [e for e in polled if e.key not in stored[of]] for of, polled in asked.items()}
    taken = _taken(connection, unknown)
    return {of: _settled(heads[of]) for of in settled} | {
        source_id: Known(
            source_id=source_id,
            is_first_import=heads[source_id].imported_at is None,
            articles=found[source_id],
            unread=standing[source_id],
            tombstones=frozenset(buried[source_id]),
            taken_ids=taken[source_id],
            first_url=heads[source_id].first_url,
            recent=_recent(connection, heads[source_id], here[source_id], len(unknown[source_id])),
            absent=_absent(connection, source_id, here[source_id]) if source_id in complete else (),
            arrivals=_arrivals(connection, heads[source_id], len(unknown[source_id])),
            document_at=heads[source_id].document_at,
        )
        for source_id in asked
    }


def _by_identity(polled: Iterable[tuple[int, str, T]]) -> dict[bytes, tuple[int, str, T]]:
    """Return (source id, key, what is polled) by what is stored of the first two."""
    return {identity_of(source_id, key): (source_id, key, what) for source_id, key, what in polled}


def _missing(
    polled: Mapping[bytes, tuple[int, str, object]], found: Mapping[int, Mapping[str, object]]
) -> dict[bytes, tuple[int, str]]:
    """Return (source id, key) of what is not *found*, by what would be stored of both."""
    return {
        identity: (source_id, key)
        for identity, (source_id, key, _) in polled.items()
        if key not in found[source_id]
    }


def _heads(connection: Connection, ids: Sequence[int]) -> dict[int, AnyRow]:
    c = sources.c
    query = select(c.id, c.imported_at, c.document_at, c.first_url, c.settled, c.settled_until)
    query = query.where(c.id.in_(bindparam("wanted", expanding=True)))
    return {row.id: row for some in chunks(ids) for row in connection.execute(query, {"wanted": some})}


def _is_settled(head: AnyRow, holds: str | None, now: datetime | None) -> bool:
    """Tell whether a document holds what was stored of the last one, as it stood there, not long ago."""
    return bool(holds) and holds == head.settled and now is not None and now < head.settled_until


def _settled(head: AnyRow) -> Known:
    return Known(
        source_id=head.id,
        is_first_import=False,
        first_url=head.first_url,
        document_at=head.document_at,
        is_settled=True,
    )


def _rows_in(connection: Connection, query: Select[Any], column: Any, values: Iterable[Any]) -> list[AnyRow]:
    query = query.where(column.in_(bindparam("wanted", expanding=True)))
    return [row for some in chunks(sorted(values)) for row in connection.execute(query, {"wanted": some})]


def _buried(connection: Connection, keys: Mapping[bytes, tuple[int, str]]) -> dict[int, set[str]]:
    """Return those of the keys that were expired or forgotten, by source id."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in _rows_in(connection, select(tombstones.c.identity), tombstones.c.identity, keys):
        source_id, key = keys[bytes(row.identity)]
        found[source_id].add(key)
    return found


def _standing(
    connection: Connection, keys: Mapping[bytes, tuple[int, str, str]]
) -> dict[int, dict[str, UnreadArticle]]:
    """Return the articles of entries that were not read, by source id and key."""
    found: dict[int, dict[str, UnreadArticle]] = defaultdict(dict)
    for row in _rows_in(connection, select(a.id, a.identity, a.state, a.reason), a.identity, keys):
        source_id, key, _ = keys[bytes(row.identity)]
        found[source_id][key] = UnreadArticle(row.id, ArticleState(row.state), row.reason)
    return found


def _stored(
    connection: Connection, keys: Mapping[bytes, tuple[int, str, Entry]]
) -> dict[int, dict[str, KnownArticle]]:
    """Return the polled entries that are stored, by source id and key."""
    found: dict[int, dict[str, KnownArticle]] = defaultdict(dict)
    rows = _rows_in(connection, select(*_COLUMNS), a.identity, keys)
    differing = [row.id for row in rows if row.digest != keys[bytes(row.identity)][2].digest]
    before = {
        row.article_id: unpack(row.entry)
        for row in _rows_in(connection, select(bodies), bodies.c.article_id, differing)
    }
    for row in rows:
        source_id, key, _ = keys[bytes(row.identity)]
        found[source_id][key] = _known_of(row, key, before.get(row.id))
    return found


def _known_of(row: AnyRow, key: str, entry: Entry | None = None) -> KnownArticle:
    return KnownArticle(
        id=row.id,
        key=key,
        digest=row.digest,
        published_id=row.published_id,
        first_seen=row.first_seen,
        sort_date=row.sort_date,
        state=ArticleState(row.state),
        reason=row.reason,
        release_at=row.release_at,
        entry=entry,
        fingerprint=row.fingerprint,
        past_digests=tuple(row.past_digests.split()),
        published=row.published,
        link=row.link,
        is_picked=row.is_picked,
    )


def _taken(connection: Connection, unknown: Mapping[int, Sequence[Entry]]) -> dict[int, frozenset[str]]:
    """Return the ids of each source's unknown entries that articles are published under already."""
    ids = {hash_of(entry.id): entry.id for entries in unknown.values() for entry in entries if entry.id}
    rows = _rows_in(connection, select(a.published_hash, a.published_id), a.published_hash, ids)
    owned = {row.published_id for row in rows}
    return {
        source_id: frozenset(entry.id for entry in entries if entry.id in owned)
        for source_id, entries in unknown.items()
    }


def _recent(
    connection: Connection, head: AnyRow, here: Collection[int], unknown: int
) -> tuple[KnownArticle, ...]:
    """Return articles that the document does not hold (its own are *here*), last seen in it first.

    With their entries come those that have just left it and that nothing but their words tells apart.
    Looked for among the newest by date, which an index finds however many there are: a
    document that suddenly speaks of other keys held those before.
    """
    if not unknown:
        return ()
    newest = connection.execute(_NEWEST, {"source": head.id, "most": RECENT + unknown + len(here)})
    rows = [row for row in newest if row.id not in here]
    rows.sort(key=lambda row: (row.last_in_document, row.sort_date, row.id), reverse=True)
    rows = rows[: RECENT + unknown]
    bare = [row.id for row in rows if _is_bare(row) and _has_just_left(row, head)]
    entries = {
        row.article_id: unpack(row.entry)
        for row in _rows_in(connection, select(bodies), bodies.c.article_id, bare)
    }
    return tuple(_known_of(row, row.key, entries.get(row.id)) for row in rows)


def _is_bare(row: AnyRow) -> bool:
    """Tell whether the key of an article was made of its words."""
    key: str = row.key
    return key.startswith("hash:") or (row.link is not None and key.startswith(f"{row.link}#"))


def _has_just_left(row: AnyRow, head: AnyRow) -> bool:
    # it is noted once in SEEN_STEP that an article stands in its document still
    return head.document_at is not None and row.last_in_document >= head.document_at - SEEN_STEP


def _absent(connection: Connection, source_id: int, here: Collection[int]) -> tuple[KnownArticle, ...]:
    """Return the articles of a source that stand and are not *here* in its document, newest first."""
    standing = a.state.in_([ArticleState.OUT.value, ArticleState.HELD.value, ArticleState.SILENT.value])
    query = select(*_COLUMNS, bodies.c.entry).join(bodies, bodies.c.article_id == a.id)
    query = query.where(a.source_id == source_id, standing).order_by(a.sort_date.desc(), a.id.desc())
    rows = connection.execute(query.limit(ABSENT + len(here))).all()
    return tuple(_known_of(row, row.key, unpack(row.entry)) for row in rows if row.id not in here)


def _arrivals(connection: Connection, head: AnyRow, unknown: int) -> tuple[tuple[datetime, int], ...]:
    """Return when the source brought how many new articles, newest first, after its first import."""
    if unknown < FLOOD or head.imported_at is None:
        return ()
    query = (
        select(a.first_seen, func.count())
        .where(a.source_id == head.id, a.first_seen > head.imported_at)
        .group_by(a.first_seen)
        .order_by(a.first_seen.desc())
        .limit(ARRIVALS)
    )
    return tuple((row[0], row[1]) for row in connection.execute(query))
