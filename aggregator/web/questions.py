"""Questions that anybody may ask of everything stored: so few are answered at once that all else goes on.

A question that finds nothing looks through thousands of articles, for seconds. As many of them as there
are threads would keep every reader waiting, and the look whether this process lives.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

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
        #: one for each question that is asked now
        self._asked: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, question: str | None = None) -> Iterator[None]:
        """Hold a turn inside the block.

        Args:
            question: who asks the same waits for the first to be done, and takes no turn meanwhile;
                None: nothing of the answer is kept, so each is answered for itself.

        Raises:
            ServiceUnavailable: too many others ask.
        """
        deadline = time.monotonic() + WAIT_S
        with (
            _hold(self._present, time.monotonic()),
            _hold(self._lock_of(question), deadline),
            _hold(self._turns, deadline),
        ):
            yield

    def _lock_of(self, question: str | None) -> threading.Lock:
        if question is None:
            return threading.Lock()
        with self._lock:
            return self._asked.setdefault(question, threading.Lock())


@contextmanager
def _hold(lock: threading.Lock | threading.BoundedSemaphore, deadline: float) -> Iterator[None]:
    if not lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise ServiceUnavailable(retry_after=10)
    try:
        yield
    finally:
        lock.release()
