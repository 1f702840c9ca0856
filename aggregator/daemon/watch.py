"""Tells when the configuration file has changed on disk, however the editor saved it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from watchfiles import awatch


async def watch_file(path: Path, changed: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Call *changed* after each change of *path*, until *stop* is set.

    The folder is watched, not the file: editors save by renaming a new file into place,
    and orchestrators replace a symbolic link (``..data``) beside it.
    """
    async for changes in awatch(path.parent, stop_event=stop, recursive=False, debounce=400, step=100):
        if any(Path(name).name in {path.name, "..data"} for _, name in changes):
            await changed()
