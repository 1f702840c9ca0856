"""The applied configuration: written when a file is applied, read by every process.

In: a valid configuration and its digest. Out: what it changed. Nothing is deleted: a source,
topic or feed that left keeps its row, and a rule that changed leaves its feed pending until
stored articles were judged by it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from aggregator.errors import StoreError
from aggregator.model import Configuration
from aggregator.model.json_values import as_json
from aggregator.query.glossary import Glossary, compile_glossary
from aggregator.store.feeds.configured import apply_feeds, pending_feeds
from aggregator.store.feeds.versions import feeds_with, touch_feeds
from aggregator.store.locks import lock, lock_shared
from aggregator.store.notices import announce
from aggregator.store.problems import ensure_feed
from aggregator.store.rows import insert_or_replace, write_rows
from aggregator.store.sources.configured import apply_sources, ask_refused
from aggregator.store.tables import applied, articles

#: the applied configuration is one row
ROW = 1
_DIGEST = select(applied.c.digest)


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
    #: (kind, slug) of topics, then feeds, whose rule stored articles were not yet judged by, or who went and
    #: are still their label
    feeds_changed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AppliedConfiguration:
    """The configuration in force, and who applied it when."""

    #: its ``database`` is empty: who reads this has it open; without its sources unless asked for
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
    lock(connection, "configuration")
    if connection.scalar(_DIGEST) == digest:
        return Applied(is_new=False, feeds_changed=pending_feeds(connection))
    changes = apply_sources(connection, configuration.sources, now)
    ensure_feed(connection)
    before = connection.scalar(select(applied.c.configuration))
    if before and before.fetch.allow_private != configuration.fetch.allow_private:
        ask_refused(connection, now)
    names = compile_glossary(before) if before else Glossary()
    pending = apply_feeds(connection, configuration, changes, names, now)
    if changes.looks:
        touch_feeds(connection, dict.fromkeys(feeds_with(connection, changes.looks), digest), now)
    _store(connection, configuration, digest, host, now)
    announce(connection)
    return Applied(True, changes.added, changes.removed, changes.renamed, pending)


def load_applied(connection: Connection, unless: str | None = None) -> AppliedConfiguration | None:
    """Return the configuration in force without its sources; None if none was ever applied.

    Args:
        unless: a digest; None is returned too when the one in force has it.
    """
    digest = connection.scalar(_DIGEST)
    if digest is None or digest == unless:
        return None
    row = connection.execute(select(applied)).one()
    return AppliedConfiguration(row.configuration, row.digest, row.host, row.at)


def keep_in_force(connection: Connection, digest: str) -> AppliedConfiguration | None:
    """Let nobody apply another configuration before this transaction ends.

    What is written meanwhile follows the rules in force: whoever applies new ones afterwards
    finds it among the stored articles that are judged again.

    Returns: the configuration in force, None if its digest is *digest*.
    """
    lock_shared(connection, "configuration")
    return load_applied(connection, unless=digest)


def applied_digest(connection: Connection) -> str | None:
    """Return the digest of the configuration in force; None if none was ever applied."""
    return connection.scalar(_DIGEST)


def lock_configuration(connection: Connection) -> Configuration:
    """Return the configuration in force, and let nobody apply another one or take polls in meanwhile.

    Raises:
        StoreError: none was ever applied.
    """
    lock(connection, "configuration")
    found = load_applied(connection)
    if found is None:
        raise StoreError("no configuration was ever applied to this database; start `aggregator run` once")
    return found.configuration


def is_still_applied(connection: Connection, digest: str) -> bool:
    """Tell whether this configuration is in force; it stays so until the transaction ends.

    No poll is taken in meanwhile, so that nothing is judged by what it said before.
    """
    lock(connection, "configuration")
    return connection.scalar(_DIGEST) == digest


def note_judged(connection: Connection, article_id: int | None) -> None:
    """Note up to which article all were judged again; None when all were."""
    connection.execute(update(applied).values(judged=article_id))


def judged_share(connection: Connection) -> float | None:
    """Return which share of the stored articles was judged again, 0 to 1; None when none has to be."""
    if not pending_feeds(connection):
        return None
    judged = connection.scalar(select(applied.c.judged)) or 0
    return judged / (connection.scalar(select(func.max(articles.c.id))) or 1)


def load_opt_out(connection: Connection) -> tuple[str, ...]:
    """Return the hosts and URLs that the configuration in force leaves out; () if none is applied."""
    configuration = connection.scalar(select(applied.c.configuration))
    return configuration.opt_out if configuration else ()


def _look(configuration: Configuration) -> str:
    """Hash what shows in every feed: the site, rewrite rules, and what the names in queries stand for."""
    parts: list[object] = [as_json(configuration.site)]
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
            configuration,
            sources=(),
            database="",
            web=replace(configuration.web, admin_token=None, direct_database=None),
        ),
        "look": _look(configuration),
    }
    write_rows(connection, insert_or_replace(connection, applied, *values), [values])
