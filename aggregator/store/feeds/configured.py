"""The configured topics and feeds become rows; those whose rule changed wait to be placed again.

In: a configuration and what it changed about sources. Out: the feeds whose rule stored
articles were not yet judged by. A removed feed keeps its row and id, for when it comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from aggregator.errors import QueryError
from aggregator.model import Configuration, Feed, Topic
from aggregator.model.json_values import as_json, reader_of
from aggregator.query.glossary import Glossary, compile_glossary
from aggregator.query.nodes import Label, Node, walk
from aggregator.query.parse import parse_query
from aggregator.store.feeds.archiving import drop_emptied
from aggregator.store.feeds.versions import new_feed, next_version
from aggregator.store.sources.configured import SourceChanges
from aggregator.store.tables import articles, feeds, issues, placements, ranks
from aggregator.store.types import AnyRow

Published = Topic | Feed
Address = tuple[str, str]

#: entries of one archive: of a topic or source, and at most
DEFAULT_SPAN, LONGEST_SPAN = 50, 100
#: articles of one archive of digests, each of which tells many
DIGEST_SPAN = 1000


def apply_feeds(
    connection: Connection,
    configuration: Configuration,
    changes: SourceChanges,
    before: Glossary,
    now: datetime,
) -> tuple[Address, ...]:
    """Write the topics and feeds of a configuration, and return which are pending, as pending_feeds() does.

    The caller holds the configuration lock.

    Args:
        before: what names stood for in the configuration that was in force.
    """
    wanted = configuration.published
    stored = _follow_aliases(connection, wanted, _load_feeds(connection))
    has_articles = connection.scalar(select(articles.c.id).limit(1)) is not None
    stale = _with_changed_rule(wanted, stored, changes, before, compile_glossary(configuration))
    new = [address for address in wanted if address not in stored]
    left = [address for address, row in stored.items() if row.is_configured and address not in wanted]
    turned = {a for a in wanted if a in stored and stored[a].is_timed != _is_timed(wanted[a])}
    # an issue is made at its time; no rule is judged before
    stale = {address for address in stale | turned if not _is_timed(wanted[address])}
    unranked = [stored[a].id for a in wanted if a in stored and not _is_ranked(wanted[a])]
    _empty(connection, [stored[address].id for address in turned])
    connection.execute(delete(ranks).where(ranks.c.feed_id.in_(unranked)))
    _remove(connection, [stored[address].id for address in left])
    _update(connection, wanted, stored, stale if has_articles else set(), now)
    _add(connection, {address: wanted[address] for address in new}, has_articles)
    _number(connection, list(wanted))
    return pending_feeds(connection)


def _follow_aliases(
    connection: Connection, wanted: Mapping[Address, Published], stored: dict[Address, AnyRow]
) -> dict[Address, AnyRow]:
    """Give feeds that the file knows under another slug now that slug: id, articles and archives stay."""
    followed = dict(stored)
    for address, published in wanted.items():
        old = next(
            (a for a in former_addresses(address[0], published) if a in followed and a not in wanted), None
        )
        if address not in followed and old is not None:
            row = followed.pop(old)
            connection.execute(update(feeds).where(feeds.c.id == row.id).values(slug=address[1]))
            followed[address] = row
    return followed


def former_addresses(kind: str, published: Published) -> Iterator[Address]:
    """The addresses of feeds of this kind among the aliases: ``/topics/money`` or ``/topics/money.atom``."""
    for alias in published.aliases:
        place, _, name = alias.strip("/").partition("/")
        if place == f"{kind}s" and name and "/" not in name:
            yield kind, name.partition(".")[0]


def span_of(published: Published) -> int:
    """Return how many articles an archive of this feed holds: as many as its live document, at most 100."""
    if isinstance(published, Feed) and published.timed and published.timed.form == "digest":
        return DIGEST_SPAN
    return min(published.limit, LONGEST_SPAN) if isinstance(published, Feed) else DEFAULT_SPAN


def pending_feeds(connection: Connection) -> tuple[Address, ...]:
    """Return (kind, slug) of the feeds whose rule stored articles were not yet judged by.

    Topics that went are among them until no stored article has their label.
    """
    query = select(feeds.c.kind, feeds.c.slug).where(feeds.c.is_pending)
    # topics first: feeds may ask for their labels
    rows = connection.execute(query.order_by(feeds.c.kind.desc(), feeds.c.position))
    return tuple((row.kind, row.slug) for row in rows)


def _load_feeds(connection: Connection) -> dict[Address, AnyRow]:
    c = feeds.c
    query = select(c.id, c.kind, c.slug, c.settings, c.is_configured, c.version, c.is_timed)
    query = query.where(c.kind.in_(("feed", "topic")))
    return {(row.kind, row.slug): row for row in connection.execute(query)}


def write_settings(published: Published) -> str:
    """Return the JSON of a topic or feed."""
    return as_json(published).decode()


def read_settings(kind: str, settings: str) -> Published:
    """Return the topic or feed that a row's JSON says."""
    published: Published = reader_of(Topic if kind == "topic" else Feed)(settings)
    return published


def _with_changed_rule(
    wanted: Mapping[Address, Published],
    stored: Mapping[Address, AnyRow],
    changes: SourceChanges,
    before: Glossary,
    after: Glossary,
) -> set[Address]:
    """Return the feeds that may hold other articles now, by their own query or through what it names."""
    changed = {
        address
        for address, published in wanted.items()
        if address not in stored
        or not stored[address].is_configured
        # a topic that was renamed is the label of no article yet
        or (address[0] == "topic" and stored[address].slug != address[1])
        or _meaning(read_settings(address[0], stored[address].settings).query, before)
        != _meaning(published.query, after)
    }
    changed_topics = {slug for kind, slug in changed if kind == "topic"}
    changed_topics |= {
        row.slug for row in stored.values() if row.kind == "topic" and ("topic", row.slug) not in wanted
    }
    named = {address: _labels(published.query, after) for address, published in wanted.items()}
    if changes.relabelled:
        changed |= {a for a, labels in named.items() if any(f in _OF_SOURCES for f, _, _ in labels)}
        changed_topics |= {slug for kind, slug in changed if kind == "topic"}
    while True:
        more = {a for a, labels in named.items() if a not in changed and _names(labels, changed_topics)}
        if not more:
            return changed
        changed |= more
        changed_topics |= {slug for kind, slug in more if kind == "topic"}


#: fields whose answer depends on how a source is configured
_OF_SOURCES = ("source", "tag", "lang")


def _meaning(query: str, glossary: Glossary) -> Node | str:
    """What a query says without the names in it; its text where they lead nowhere."""
    try:
        return glossary.expand(parse_query(query))
    except QueryError:
        return query


def _labels(query: str, glossary: Glossary) -> set[tuple[str, str, bool]]:
    nodes = walk(glossary.expand(parse_query(query)))
    return {(node.field, node.value, node.is_prefix) for node in nodes if isinstance(node, Label)}


def _names(labels: set[tuple[str, str, bool]], topics: set[str]) -> bool:
    return any(
        field == "topic" and (value in topics or (is_prefix and any(t.startswith(value) for t in topics)))
        for field, value, is_prefix in labels
    )


def _is_timed(published: Published) -> bool:
    return isinstance(published, Feed) and published.timed is not None


def _is_ranked(published: Published) -> bool:
    return isinstance(published, Feed) and published.order == "top"


def _empty(connection: Connection, ids: list[int]) -> None:
    for table in (placements, ranks, issues):
        connection.execute(delete(table).where(table.c.feed_id.in_(ids)))
    drop_emptied(connection, ids)


def _remove(connection: Connection, ids: list[int]) -> None:
    _empty(connection, ids)
    connection.execute(
        # articles have the label of a topic that went until they are judged again
        update(feeds)
        .where(feeds.c.id.in_(ids))
        .values(is_configured=False, is_pending=feeds.c.kind == "topic")
    )


def _update(
    connection: Connection,
    wanted: Mapping[Address, Published],
    stored: Mapping[Address, AnyRow],
    stale: set[Address],
    now: datetime,
) -> None:
    for address, published in wanted.items():
        row = stored.get(address)
        if row is None:
            continue
        values: dict[str, Any] = {"is_pending": True} if address in stale else {}
        settings = write_settings(published)
        if settings != row.settings or not row.is_configured:
            version = next_version(row.version, [settings])
            # its title, its rights and how much it gives stand in its archives too
            values |= {"version": version, "look": version, "changed_at": now, "is_configured": True}
            values |= _shape(published)
        if values:
            connection.execute(update(feeds).where(feeds.c.id == row.id).values(values))


def _shape(published: Published) -> dict[str, Any]:
    """The columns that follow what the file says of a topic or feed."""
    return {
        "settings": write_settings(published),
        "span": span_of(published),
        "is_timed": _is_timed(published),
    }


def _number(connection: Connection, order: Sequence[Address]) -> None:
    if order:
        connection.execute(
            update(feeds)
            .where(feeds.c.kind == bindparam("of_kind"), feeds.c.slug == bindparam("of_slug"))
            .values(position=bindparam("at")),
            [{"of_kind": kind, "of_slug": slug, "at": at} for at, (kind, slug) in enumerate(order)],
        )


def _add(connection: Connection, new: Mapping[Address, Published], has_articles: bool) -> None:
    rows = [
        new_feed(kind, slug, is_pending=has_articles and not _is_timed(published), **_shape(published))
        for (kind, slug), published in new.items()
    ]
    if rows:
        connection.execute(insert(feeds), rows)
