"""Questions that anybody may ask of everything stored: so few are answered at once that all else goes on.

A question that finds nothing looks through thousands of articles, for seconds. As many of them as there
are threads would keep every reader waiting, and the look whether this process lives.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.exceptions import ServiceUnavailable

#: questions that one process answers at once
AT_ONCE = 4
#: questions that may wait for their turn, each in a thread of its own, and for how many seconds
MOST_WAITING, WAIT_S = 28, 10.0


class Questions:
    """Turns for questions. Safe to use from several threads."""

    def __init__(self) -> None:
        self._present = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a turn inside the block.

        Raises:
            ServiceUnavailable: too many others ask.
        """
        if not self._present.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=10)
        try:
            if not self._turns.acquire(timeout=WAIT_S):
                raise ServiceUnavailable(retry_after=10)
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._present.release()
