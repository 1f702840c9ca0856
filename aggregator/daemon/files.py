"""The files that a worker follows: looked at every second, and read again when they have come to rest.

In: how they look. Out: whether to read them now. They are looked at, not watched: that holds on network
disks, too, and a store in the same folder wakes nobody. A configuration that is much shorter than it was, or
a little and ends within a line, may be half a copy, which can be a valid one: it must rest for longer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from aggregator.config.file import Loaded, look_of
from aggregator.model import SourceList
from aggregator.pipeline.lists import look_of_files

#: what could not be applied is read again after so long, as reading it takes a process of its own
AGAIN_S = 15.0
#: what is so much shorter than what is in force must be at rest for so long
SHORT, SHORT_REST_S = 0.8, 10.0


class FollowedFiles:
    """The configuration and the lists that are in files."""

    def __init__(self, loaded: Loaded) -> None:
        self._path: Path = loaded.path
        #: what they looked like when they were last read, and a turn ago; None: they must be read again
        self._read: object = (loaded.look, look_of_files(loaded.configuration.lists), 0)
        #: bytes of the configuration in force
        self._length = _length(self._read)
        self._latest: object = None
        #: since when they have looked so
        self._since = 0.0
        self._not_before = 0.0
        #: how often a list that is not in a file has changed
        self._changes = 0

    def look(self, lists: Sequence[SourceList]) -> object:
        """Return what changes when one of the files does, or a list elsewhere."""
        return look_of(self._path), look_of_files(lists), self._changes

    def is_due(self, look: object) -> bool:
        """Tell whether to read them: they were touched, and nobody is writing them any more."""
        now = time.monotonic()
        if look != self._latest:
            self._latest, self._since = look, now
            return False
        rest_s = SHORT_REST_S if self._may_be_half(look) else 0.0
        return look != self._read and now >= max(self._not_before, self._since + rest_s)

    def _may_be_half(self, look: object) -> bool:
        length = _length(look)
        is_cut = length < self._length and not _ends_a_line(self._path)
        return is_cut or length < SHORT * self._length

    def note_read(self, look: object, *, is_refused: bool = False) -> None:
        """Note what they looked like when they were read."""
        self._read = look
        if not is_refused:
            self._length = _length(look)

    def note_changed(self) -> None:
        """Note that a list that is not in a file has changed: it is taken in with the files."""
        self._changes += 1

    def note_failed(self) -> None:
        """Note that what they say could not be applied, so that they are read again soon."""
        self._read, self._not_before = None, time.monotonic() + AGAIN_S


def _ends_a_line(path: Path) -> bool:
    try:
        return path.read_bytes().endswith(b"\n")
    except OSError:
        return False


def _length(look: object) -> int:
    """Return the size of the configuration that a look tells of, in bytes; 0 where there is none."""
    match look:
        case ((_, int(size), _), *_):
            return size
    return 0
