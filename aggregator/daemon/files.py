"""The files that a worker follows: looked at every second, and read again when they have come to rest.

In: how they look. Out: whether to read them now. They are looked at, not watched: that holds on network
disks, too, and a store in the same folder wakes nobody.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from aggregator.config.file import Loaded, look_of
from aggregator.lists import look_of_files
from aggregator.model import SourceList

#: what could not be applied is read again after so long, as reading it takes a process of its own
AGAIN_S = 15.0


class FollowedFiles:
    """The configuration and the lists that are in files."""

    def __init__(self, loaded: Loaded) -> None:
        self._path: Path = loaded.path
        #: what they looked like when they were last read, and a turn ago; None: they must be read again
        self._read: object = (loaded.look, look_of_files(loaded.configuration.lists))
        self._latest: object = None
        self._not_before = 0.0

    def look(self, lists: Sequence[SourceList]) -> object:
        """Return what changes when one of the files does."""
        return look_of(self._path), look_of_files(lists)

    def is_due(self, look: object) -> bool:
        """Tell whether to read them: they were touched, and nobody is writing them any more."""
        is_at_rest, self._latest = look == self._latest, look
        return is_at_rest and look != self._read and time.monotonic() >= self._not_before

    def note_read(self, look: object) -> None:
        """Note what they looked like when they were read."""
        self._read = look

    def note_failed(self) -> None:
        """Note that what they say could not be applied, so that they are read again soon."""
        self._read, self._not_before = None, time.monotonic() + AGAIN_S
