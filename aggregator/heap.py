"""The heap: what a large document took goes back to the system.

The C library keeps what was freed for its own later use, and raises its thresholds after each large
block; a process that lives for years would stay as large as its largest document ever made it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

#: after a document of so many bytes it is worth asking
LARGE_BYTES = 256 * 1024


def _find_trim() -> Callable[[int], object]:
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # glibc alone has it
        return lambda _: None
    return trim


_trim = _find_trim()


def give_back() -> None:
    """Return free memory to the system: some milliseconds, in which other threads go on."""
    _trim(0)
