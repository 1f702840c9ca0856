"""Tells when the configuration file has changed on disk, however the editor saved it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from watchfiles import awatch

log = logging.getLogger("aggregator.worker")

#: seconds before a folder that could not be watched is tried again
AGAIN_S = 30.0


async def watch_file(path: Path, changed: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Call *changed* after each change of *path*, until *stop* is set; never fails.

    The folder is watched, not the file: editors save by renaming a new file into place,
    and orchestrators replace a symbolic link (``..data``) beside it.
    """
    while not stop.is_set():
        try:
            async for changes in awatch(
                path.parent, stop_event=stop, recursive=False, debounce=400, step=100
            ):
                if any(Path(name).name in {path.name, "..data"} for _, name in changes):
                    await changed()
        # the folder is away, or the system's watches are used up
        except (OSError, RuntimeError) as error:
            log.warning("the configuration's folder cannot be watched, looking now and then: %s", error)
        if not stop.is_set():
            await _rest(stop)


async def _rest(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), AGAIN_S)
    except TimeoutError:
        return
