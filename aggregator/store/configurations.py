"""The applied configuration: written when a file is applied, read by every process.

In: a valid configuration and its digest. Out: what it changed. Nothing is deleted: a source,
topic or feed that left keeps its row, and a rule that changed leaves its feed pending until
stored articles were judged by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from aggregator.model import Configuration, Site, Source
from aggregator.query.glossary import Glossary, compile_glossary
from aggregator.store.configured_feeds import apply_feeds, pending_feeds
from aggregator.store.configured_sources import apply_sources
from aggregator.store.dialect import hold, insert, share
from aggregator.store.tables import applied, sources
from aggregator.store.types import dump
from aggregator.store.versions import feeds_with, touch_feeds

SITE: TypeAdapter[Site] = TypeAdapter(Site)
#: the applied configuration is one row
ROW = 1


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a configuration changed."""

    #: False: this very configuration was in force already
    is_new: bool
    #: slugs of sources
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    #: same source, other name or URL
    renamed: tuple[str, ...] = ()
    #: (kind, slug) of topics, then feeds, whose rule stored articles were not yet judged by
    feeds_changed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AppliedConfiguration:
    """The configuration in force, and who applied it when."""

    #: its ``database`` is empty: who reads this has it open
    configuration: Configuration
    digest: str
    host: str
    at: datetime


def apply_configuration(
    connection: Connection, configuration: Configuration, *, digest: str, host: str, now: datetime
) -> Applied:
    """Put *configuration* in force and return what changed; the last one applied wins.

    Args:
        digest: tells one configuration from another; the same one again costs one look-up.
        host: who applies it, for the log.
    """
    hold(connection, "configuration")
    if connection.scalar(select(applied.c.digest)) == digest:
        return Applied(is_new=False, feeds_changed=pending_feeds(connection))
    changes = apply_sources(connection, configuration.sources, now)
    before = connection.scalar(select(applied.c.configuration))
    names = compile_glossary(before) if before else Glossary()
    of_feeds = apply_feeds(connection, configuration, changes, names, now)
    if changes.looks:
        touch_feeds(connection, dict.fromkeys(feeds_with(connection, changes.looks), digest), now)
    _store(connection, configuration, digest, host, now)
    return Applied(True, changes.added, changes.removed, changes.renamed, of_feeds.pending)


def load_applied(connection: Connection, unless: str | None = None) -> AppliedConfiguration | None:
    """Return the configuration in force; None if none was ever applied.

    Args:
        unless: a digest; None is returned too when the one in force has it.
    """
    digest = connection.scalar(select(applied.c.digest))
    if digest is None or digest == unless:
        return None
    row = connection.execute(select(applied)).one()
    configuration = replace(row.configuration, sources=tuple(_configured(connection)))
    return AppliedConfiguration(configuration, row.digest, row.host, row.at)


def keep_in_force(connection: Connection, digest: str) -> AppliedConfiguration | None:
    """Let nobody apply another configuration before this transaction ends.

    What is written meanwhile follows the rules in force: whoever applies new ones afterwards
    finds it among the stored articles that are judged again.

    Returns: the configuration in force, None if its digest is *digest*.
    """
    share(connection, "configuration")
    return load_applied(connection, unless=digest)


def applied_digest(connection: Connection) -> str | None:
    """Return the digest of the configuration in force; None if none was ever applied."""
    return connection.scalar(select(applied.c.digest))


def load_look(connection: Connection) -> str:
    """Return the hash of what of the configuration shows in every feed; empty if none is applied."""
    return connection.scalar(select(applied.c.look)) or ""


def _configured(connection: Connection) -> Iterable[Source]:
    c = sources.c
    query = select(c.settings, c.place).where(c.is_configured).order_by(c.position)
    for settings, place in connection.execute(query):
        yield replace(settings, where=place)


def _look(configuration: Configuration) -> str:
    """Hash what shows in every feed: the site, rewrite rules, and what the names in queries stand for."""
    parts: list[object] = [dump(SITE, configuration.site)]
    if configuration.rewrites or any(source.rewrite for source in configuration.sources):
        parts += [configuration.rewrites, configuration.rules]
    if fleeting := compile_glossary(configuration).fleeting:
        parts.append(sorted(fleeting.items()))
    shown = parts[0] if len(parts) == 1 else repr(parts).encode("utf-8", "replace")
    assert isinstance(shown, bytes)
    return hashlib.blake2b(shown, digest_size=16).hexdigest()


def _store(
    connection: Connection, configuration: Configuration, digest: str, host: str, now: datetime
) -> None:
    values = {
        "id": ROW,
        "digest": digest,
        "host": host,
        "at": now,
        # sources are rows of their own: a hundred thousand of them are not written twice
        # and the database's own URL may hold a password, the token is one
        "configuration": replace(
            configuration, sources=(), database="", web=replace(configuration.web, admin_token=None)
        ),
        "look": _look(configuration),
    }
    statement = insert(connection, applied).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
