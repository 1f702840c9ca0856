"""What is known of the entries of a poll, for the gate: polled entries flow in, Known values flow out.

Nothing is decided and nothing written here. What costs more is read only where the gate needs
it: stored entries where the polled one differs, recent articles where a key is unknown, the
habit of a source where many are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

from sqlalchemy import Connection, bindparam, exists, func, select

from aggregator.http.groups import group_of
from aggregator.model import ArticleState, Entry, Known, KnownArticle, UnreadArticle
from aggregator.model.packing import unpack
from aggregator.store.articles.arriving import load_entries
from aggregator.store.articles.hashes import hash_of, identity_of
from aggregator.store.articles.saving import SEEN_STEP
from aggregator.store.rows import among, rows_among
from aggregator.store.sources.habits import load_habit
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
    *(a.release_at, a.fingerprint, a.past_digests, a.published, a.updated, a.link, a.is_picked),
)
#: put together once: that takes as long as running it
_NEWEST = (
    select(a.id, a.sort_date, a.last_in_document)
    .where(a.source_id == bindparam("source"))
    .order_by(a.sort_date.desc(), a.id.desc())
    .limit(bindparam("most"))
)
_HEADS = select(
    *(sources.c.id, sources.c.imported_at, sources.c.document_at, sources.c.first_url),
    *(sources.c.settled, sources.c.settled_until),
).where(among(sources.c.id))
_FILLED = select(sources.c.id).where(among(sources.c.id), exists().where(a.source_id == sources.c.id))
_STORED = select(*_COLUMNS).where(among(a.identity))
_LEFT = select(*_COLUMNS, a.last_in_document).where(among(a.id))
_STANDING = select(a.id, a.identity, a.state, a.reason).where(among(a.identity))
_BURIED = select(tombstones.c.identity).where(among(tombstones.c.identity))
_TAKEN = select(a.published_id).where(among(a.published_hash))


@dataclass(frozen=True, slots=True)
class Listed:
    """What a polled document holds, as far as it is looked up."""

    #: with their keys
    entries: Sequence[Entry]
    #: keys of further entries, which were not read
    unread: Sequence[str] = ()
    #: it says that there is nothing else
    is_complete: bool = False
    #: hash of all that it holds; "" where it is never settled
    holds: str = ""
    #: its source's gate judges what is new by what went out before
    asks_habit: bool = False


def load_known(connection: Connection, documents: Mapping[int, Listed], now: datetime) -> dict[int, Known]:
    """Return by source id what the store knows of these documents; sources it lacks are left out.

    Of a document that is settled no article is looked up.
    """
    heads = {row.id: row for row in rows_among(connection, _HEADS, documents)}
    settled = {of for of, head in heads.items() if _is_settled(head, documents[of].holds, now)}
    asked = {of: one for of, one in documents.items() if of in heads and of not in settled}
    looked_up = _look_up(connection, heads, asked)
    taken = _taken(connection, {of: one.unknown for of, one in looked_up.items()})
    recent = _recent(connection, heads, looked_up)
    return {of: _settled(heads[of]) for of in settled} | {
        of: _known(connection, heads[of], one, taken[of], recent[of], asked[of])
        for of, one in looked_up.items()
    }


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found of the entries of one document, by their keys."""

    articles: Mapping[str, KnownArticle]
    unread: Mapping[str, UnreadArticle]
    #: keys of articles that are no more
    buried: frozenset[str]
    unknown: Sequence[Entry]
    #: the source has no article at all
    is_empty: bool

    @property
    def here(self) -> set[int]:
        """Ids of the articles that the document holds."""
        return {one.id for some in (self.articles, self.unread) for one in some.values()}

    @property
    def news(self) -> int:
        """How many of its keys are unknown to a source that has articles."""
        return 0 if self.is_empty else len(self.unknown)


def _look_up(
    connection: Connection,
    heads: Mapping[int, AnyRow],
    asked: Mapping[int, Listed],
) -> dict[int, _Found]:
    empty = _empty(connection, {of for of in asked if heads[of].imported_at is None})
    entries = _by_identity((of, e.key, e) for of, one in asked.items() for e in one.entries)
    keys = _by_identity((of, key, key) for of, one in asked.items() for key in one.unread)
    stored = _stored(connection, {what: one for what, one in entries.items() if one[0] not in empty})
    standing = _standing(connection, keys)
    buried = _buried(connection, _missing(entries, stored) | _missing(keys, standing))
    return {
        of: _Found(
            articles=stored[of],
            unread=standing[of],
            buried=frozenset(buried[of]),
            unknown=[e for e in one.entries if e.key not in stored[of] and e.key not in buried[of]],
            is_empty=of in empty,
        )
        for of, one in asked.items()
    }


def _known(
    connection: Connection,
    head: AnyRow,
    found: _Found,
    taken: frozenset[str],
    recent: tuple[KnownArticle, ...],
    listed: Listed,
) -> Known:
    judged = found.unknown if listed.asks_habit and found.news else ()
    return Known(
        source_id=head.id,
        is_first_import=head.imported_at is None,
        articles=found.articles,
        unread=found.unread,
        tombstones=found.buried,
        taken_ids=taken,
        first_url=head.first_url,
        recent=recent,
        absent=_absent(connection, head.id, found.here) if listed.is_complete else (),
        arrivals=_arrivals(connection, head, found.news),
        habit=load_habit(connection, head.id) if judged else (),
        sites={entry.key: group_of(entry.link) for entry in judged if entry.link},
        document_at=head.document_at,
    )


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


def _empty(connection: Connection, new: Collection[int]) -> set[int]:
    """Return those of these new sources of which there is nothing to look up: they have no article."""
    return {*new} - {row.id for row in rows_among(connection, _FILLED, new)}


def _is_settled(head: AnyRow, holds: str, now: datetime) -> bool:
    """Tell whether a document holds what was stored of the last one, as it stood there, not long ago."""
    return bool(holds) and holds == head.settled and now < head.settled_until


def _settled(head: AnyRow) -> Known:
    return Known(
        source_id=head.id,
        is_first_import=False,
        first_url=head.first_url,
        document_at=head.document_at,
        is_settled=True,
    )


def _buried(connection: Connection, keys: Mapping[bytes, tuple[int, str]]) -> dict[int, set[str]]:
    """Return those of the keys that were expired or forgotten, by source id."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in rows_among(connection, _BURIED, keys):
        source_id, key = keys[bytes(row.identity)]
        found[source_id].add(key)
    return found


def _standing(
    connection: Connection, keys: Mapping[bytes, tuple[int, str, str]]
) -> dict[int, dict[str, UnreadArticle]]:
    """Return the articles of entries that were not read, by source id and key."""
    found: dict[int, dict[str, UnreadArticle]] = defaultdict(dict)
    for row in rows_among(connection, _STANDING, keys):
        source_id, key, _ = keys[bytes(row.identity)]
        found[source_id][key] = UnreadArticle(row.id, ArticleState(row.state), row.reason)
    return found


def _stored(
    connection: Connection, keys: Mapping[bytes, tuple[int, str, Entry]]
) -> dict[int, dict[str, KnownArticle]]:
    """Return the polled entries that are stored, by source id and key."""
    found: dict[int, dict[str, KnownArticle]] = defaultdict(dict)
    rows = list(rows_among(connection, _STORED, keys))
    differing = [row.id for row in rows if row.digest != keys[bytes(row.identity)][2].digest]
    before = load_entries(connection, differing)
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
        updated=row.updated,
        link=row.link,
        is_picked=row.is_picked,
    )


def _taken(connection: Connection, unknown: Mapping[int, Sequence[Entry]]) -> dict[int, frozenset[str]]:
    """Return the ids of each source's unknown entries that articles are published under already."""
    ids = {hash_of(entry.id): entry.id for entries in unknown.values() for entry in entries if entry.id}
    owned = {row.published_id for row in rows_among(connection, _TAKEN, ids)}
    return {
        source_id: frozenset(entry.id for entry in entries if entry.id in owned)
        for source_id, entries in unknown.items()
    }


def _recent(
    connection: Connection, heads: Mapping[int, AnyRow], looked_up: Mapping[int, _Found]
) -> dict[int, tuple[KnownArticle, ...]]:
    """Return by source id articles that its document does not hold, last seen in it first.

    With their entries come those that have just left it and that nothing but their words tells apart.
    """
    ids = {of: _left(connection, of, found) if found.news else [] for of, found in looked_up.items()}
    rows = {row.id: row for row in rows_among(connection, _LEFT, chain.from_iterable(ids.values()))}
    # another process may have let go of one meanwhile
    left = {of: [rows[one] for one in some if one in rows] for of, some in ids.items()}
    bare = [
        row.id
        for of, some in left.items()
        for row in some
        if _is_bare(row) and _has_just_left(row, heads[of])
    ]
    entries = load_entries(connection, bare)
    return {
        of: tuple(_known_of(row, row.key, entries.get(row.id)) for row in some) for of, some in left.items()
    }


def _left(connection: Connection, source_id: int, found: _Found) -> list[int]:
    """Return ids of articles of a source that its document does not hold, last seen in it first.

    Looked for among the newest by date, which an index finds however many there are: a
    document that suddenly speaks of other keys held those before.
    """
    here, most = found.here, RECENT + found.news
    newest = connection.execute(_NEWEST, {"source": source_id, "most": most + len(here)})
    rows = [row for row in newest if row.id not in here]
    rows.sort(key=lambda row: (row.last_in_document, row.sort_date, row.id), reverse=True)
    return [row.id for row in rows[:most]]


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
