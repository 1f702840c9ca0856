"""Lists of sources kept by somebody else (``opml:``) follow what their keepers do.

In: a loaded file that names lists. Out: the same with their sources, ready to be applied. A
list in a file is read whenever this is asked; one at a URL is fetched by refresh_lists(), with
validators, at most once an hour. A list that cannot be read leaves the one before in force.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.config.file import Loaded
from aggregator.config.lists import add_lists, digest_with_lists, read_list
from aggregator.errors import ConfigurationError
from aggregator.fetch.conditional import fetch
from aggregator.model import (
    Claim,
    Failed,
    Fetched,
    Gone,
    NotModified,
    Outcome,
    Source,
    SourceList,
    Validators,
)
from aggregator.store.configurations import applied_digest
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.sources.lists import (
    MAX_BYTES,
    StoredList,
    digest_of,
    forget_lists,
    load_body,
    load_lists,
    note_list,
    save_list,
)

if TYPE_CHECKING:  # a command that asks nobody starts without an HTTP client
    from aggregator.http.client import Client

log = logging.getLogger("aggregator.lists")

#: a list at a URL is asked again after so long …
EVERY = timedelta(hours=1)
#: … and sooner where that failed
AGAIN = timedelta(minutes=10)


def complete(engine: Engine, loaded: Loaded, now: datetime) -> Loaded:
    """Return *loaded* with the sources of its lists, and a digest that covers them.

    Lists in files are read from disk, those at URLs as they were last fetched. Where all that is
    in force already, the sources are left out: they would change nothing.
    """
    lists = loaded.configuration.lists
    if not lists:
        return loaded
    with writing(engine) as connection:
        forget_lists(connection, [each.place for each in lists])
        stored = load_lists(connection)
        for listing in lists:
            if not is_remote(listing):
                _read_local(connection, listing, stored.get(listing.place), now)
        stored = load_lists(connection)
    digest = digest_with_lists(loaded, {place: each.digest for place, each in stored.items()})
    with reading(engine) as connection:
        if applied_digest(connection) == digest:
            return replace(loaded, digest=digest)
        bodies = {each.place: load_body(connection, each.place) for each in lists}
    listed = {each.place: read_list(body, each) for each in lists if (body := bodies[each.place])}
    return replace(add_lists(loaded, listed), digest=digest)


def is_remote(listing: SourceList) -> bool:
    """Tell whether a list is at a URL."""
    return listing.place.lower().startswith(("http://", "https://"))


def look_of_files(lists: Iterable[SourceList]) -> tuple[tuple[str, int, int], ...]:
    """Return path, moment and size of each list in a file: equal as long as nobody touched one."""
    looks = []
    for listing in lists:
        if not is_remote(listing):
            try:
                found = os.stat(listing.place)
                looks.append((listing.place, found.st_mtime_ns, found.st_size))
            except OSError:
                looks.append((listing.place, 0, 0))
    return tuple(looks)


async def refresh_lists(engine: Engine, lists: Iterable[SourceList], client: Client, now: datetime) -> bool:
    """Ask for the lists at URLs whose time has come; return whether one of them changed."""
    remote = [each for each in lists if is_remote(each)]
    due = await asyncio.to_thread(_due_lists, engine, remote, now) if remote else []
    is_changed = False
    for listing, validators in due:
        outcome = await _ask(client, listing, validators, now)
        is_changed |= await asyncio.to_thread(_keep_answer, engine, listing, outcome, now)
    return is_changed


def _due_lists(
    engine: Engine, remote: Iterable[SourceList], now: datetime
) -> list[tuple[SourceList, Validators]]:
    """Return the lists whose time has come, each with its validators."""
    with reading(engine) as connection:
        stored = load_lists(connection)
    found = []
    for each in remote:
        known = stored.get(each.place)
        if known is None or _is_due(known, now):
            found.append((each, known.validators if known else Validators()))
    return found


async def _ask(client: Client, listing: SourceList, validators: Validators, now: datetime) -> Outcome:
    """Ask for one list at a URL."""
    claim = Claim(
        source_id=0,
        slug="list",
        source=Source(url=listing.place),
        token="",
        until=now,
        url=listing.place,
        validators=validators,
    )
    return await fetch(client, claim, now)


def _keep_answer(engine: Engine, listing: SourceList, outcome: Outcome, now: datetime) -> bool:
    """Store what asking for a list brought; return whether its sources may have changed."""
    with writing(engine) as connection:
        match outcome:
            case Fetched():
                try:
                    read_list(outcome.body, listing)
                except ConfigurationError as error:
                    return _refuse(connection, listing, str(error), now)
                return save_list(connection, listing.place, outcome.body, outcome.validators, now)
            case NotModified():
                note_list(connection, listing.place, None, now)
                return False
            case Gone() | Failed():
                return _refuse(connection, listing, outcome.reason, now)


def _is_due(known: StoredList, now: datetime) -> bool:
    return known.checked_at + (AGAIN if known.reason else EVERY) <= now


def _read_local(connection: Connection, listing: SourceList, known: StoredList | None, now: datetime) -> None:
    """Put a list in a file in force, unless it cannot be read."""
    try:
        with Path(listing.place).open("rb") as file:
            body = file.read(MAX_BYTES)
        if known is None or digest_of(body) != known.digest:
            read_list(body, listing)
    except (OSError, ConfigurationError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if known is None or known.reason != reason:
            _refuse(connection, listing, reason, now)
    else:
        save_list(connection, listing.place, body, Validators(), now)


def _refuse(connection: Connection, listing: SourceList, reason: str, now: datetime) -> bool:
    log.warning(
        "list place=%s outcome=refused reason=%r: the one before stays in force", listing.place, reason
    )
    note_list(connection, listing.place, reason, now)
    return False
