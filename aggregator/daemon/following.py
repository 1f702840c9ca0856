"""The configuration that a worker follows: the applied one in the database, and the files it is made of.

In: touched files, lists that are due, what other processes apply. Out: a call when another configuration is
in force. A broken file leaves the old one in force.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aggregator.config.file import Loaded, load_in_child
from aggregator.daemon.files import FollowedFiles
from aggregator.daemon.poller import utc_now
from aggregator.daemon.storethread import StoreThread
from aggregator.errors import ConfigurationError
from aggregator.http.client import Client
from aggregator.model import Configuration
from aggregator.pipeline.apply import put_in_force
from aggregator.pipeline.lists import complete, refresh_lists
from aggregator.store.configurations import load_applied

log = logging.getLogger("aggregator.worker")

#: settings that processes read when they start, and only then
_AT_START = ("web", "database")


class Following:
    """The configuration in force, as this process knows it.

    Args:
        on_change: called when another one is in force, with it.
    """

    def __init__(
        self, store: StoreThread, loaded: Loaded, on_change: Callable[[Configuration], Awaitable[None]]
    ) -> None:
        self.digest = loaded.digest
        self.configuration: Configuration = loaded.configuration
        self._started_with = loaded.configuration
        self._store, self._on_change = store, on_change
        self._path = loaded.path
        self._files = FollowedFiles(loaded)
        self._reloading = asyncio.Lock()
        self._is_asked = False

    async def follow_applied(self) -> None:
        """Take over a configuration that another process has applied."""
        applied = await self._store.read(load_applied, unless=self.digest)
        if applied is not None:
            self.digest, self.configuration = applied.digest, applied.configuration
            await self._on_change(self.configuration)

    async def follow_files(self) -> None:
        """Read the configuration and lists again when somebody has changed one of the files."""
        if self._files.is_due(await self._look_at_files()):
            await self.reload()

    async def follow_lists(self, client: Client) -> None:
        """Ask for the lists at URLs that are due; a slow one holds up nothing but other lists."""
        if await refresh_lists(self._store.engine, self.configuration.lists, client, utc_now()):
            self._files.note_changed()

    async def reload(self) -> None:
        """Read the file again; a broken one leaves the old configuration in force.

        Who asks while somebody waits for that gets what the other will read.

        Raises:
            Exception: it cannot be read or applied now; that is tried again soon.
        """
        if self._is_asked:
            return
        self._is_asked = True
        async with self._reloading:
            self._is_asked = False
            look, is_refused = await self._look_at_files(), False
            try:
                await self._apply_file()
            except ConfigurationError as error:
                is_refused = True
                log.error("configuration refused, the old one stays in force: %s", error)
            except Exception:
                self._files.note_failed()
                raise
            self._files.note_read(look, is_refused=is_refused)

    async def _look_at_files(self) -> object:
        return await asyncio.to_thread(self._files.look, self.configuration.lists)

    async def _apply_file(self) -> None:
        loaded = await asyncio.to_thread(load_in_child, self._path)
        loaded = await asyncio.to_thread(complete, self._store.engine, loaded, utc_now())
        if loaded.digest == self.digest:
            log.info("configuration read again: it says what is in force")
            return
        await asyncio.to_thread(put_in_force, self._store.engine, loaded, utc_now())
        log.info("configuration applied digest=%s", loaded.digest[:12])
        self._say_what_waits(loaded.configuration)
        await self.follow_applied()

    def _say_what_waits(self, configuration: Configuration) -> None:
        for section in _AT_START:
            if getattr(configuration, section) != getattr(self._started_with, section):
                log.warning("configuration: %s differs from what this runs with; restart to use it", section)
