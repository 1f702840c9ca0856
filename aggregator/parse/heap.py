"""The heap: one for all threads, and what a large document took goes back to the system.

The C library gives each thread a heap of its own, and keeps what was freed for its own later use; a
process that lives for years would stay as large as the largest document of each thread ever made it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

#: after a document of so many bytes it is worth asking
LARGE_BYTES = 256 * 1024
#: mallopt(3): how many heaps there may be
_M_ARENA_MAX = -8


def _find(name: str) -> Callable[..., object]:
    try:
        found: Callable[..., object] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):  # glibc alone has them
        return lambda *_: None
    return found


_trim = _find("malloc_trim")


def share_one_heap() -> None:
    """Let the threads that start from now on share one heap: Python lets one run at a time anyway."""
    _find("mallopt")(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return free memory to the system: some milliseconds, in which other threads go on."""
    _trim(0)
