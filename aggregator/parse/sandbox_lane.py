"""A lane of the sandbox: a few readers, and the documents that wait for one of them.

Tasks flow in, what they came to flows out, through a callback. Small documents pass larger ones that
have not waited long: a feed of ten kilobytes does not stand behind a megabyte made to take its time.
What a reading means is not decided here.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import pickle
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from aggregator.model.markup import Markup
from aggregator.parse.sandbox_process import Limits
from aggregator.parse.sandbox_reader import AHEAD_BYTES, Ended, Reader

#: a document lets smaller ones pass as if it had come later: a second for so many bytes
BYTES_A_SECOND = 10_000
#: documents after which a reader is replaced, so that nothing leaks for long
MAX_TASKS = 2000
#: seconds without a document after which a reader ends: it takes 25 MB, and to begin another 0.2 s
IDLE_S = 60.0
#: seconds after which documents that are held are read nevertheless: whoever waits for them gives up sooner
#: than a store that hangs
LONGEST_HOLD_S = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One document on its way."""

    promise: Future[Any]
    what: Callable[..., Any]
    markup: Markup
    arguments: Mapping[str, Any]

    @property
    def url(self) -> str:
        url: str = self.arguments["url"]
        return url

    @property
    def size(self) -> int:
        """Bytes of the document."""
        return len(self.arguments["body"])

    def dump(self) -> bytes:
        """Return it as a reader takes it."""
        return pickle.dumps((self.what, self.markup, self.arguments), pickle.HIGHEST_PROTOCOL)


class Lane:
    """Readers with one time limit, each with a thread; begun when documents come, ended when none do.

    Args:
        limits: of each reader.
        on_done: called in a thread of the lane with a task and what it came to: a result, or the
            exception that it ended with: TimeoutError, Ended, an AggregatorError, or a surprise.
    """

    def __init__(self, workers: int, limits: Limits, on_done: Callable[[Lane, Task, Any], None]) -> None:
        self.limits = limits
        self._workers = workers
        self._on_done = on_done
        self._queue: list[tuple[float, int, Task]] = []
        self._numbers = itertools.count()
        self._threads: set[threading.Thread] = set()
        self._readers: set[Reader] = set()
        self._idle = 0
        #: when what waits may go on, by the monotonic clock; None while nothing is held
        self._held_until: float | None = None
        self._is_closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """Return how many documents wait."""
        return len(self._queue)

    def expect(self) -> None:
        """Begin a reader before the first document is there."""
        with self._changed:
            if not self._threads:
                self._add_thread()

    def add(self, task: Task) -> None:
        """Have a document read when its turn comes; never, once the lane is closed."""
        with self._changed:
            if self._idle <= len(self._queue) and len(self._threads) < self._workers:
                self._add_thread()
            if can_be_read := bool(self._threads):
                at = time.monotonic() + task.size / BYTES_A_SECOND
                heapq.heappush(self._queue, (at, next(self._numbers), task))
                self._changed.notify()
        if not can_be_read:
            self._on_done(self, task, Ended("was not begun: the system gives no further thread"))

    def _add_thread(self) -> None:
        thread = threading.Thread(target=self._work, name="reading", daemon=True)
        # one that cannot be started must not take the place of those that come after it
        with contextlib.suppress(RuntimeError):
            thread.start()
            self._threads.add(thread)

    def hold(self, is_held: bool) -> None:
        """Begin no document while held, for LONGEST_HOLD_S at most; what waits keeps its turn."""
        with self._changed:
            if not is_held:
                self._held_until = None
            elif self._held_until is None:
                self._held_until = time.monotonic() + LONGEST_HOLD_S
            self._changed.notify_all()

    def stop(self) -> None:
        """Begin no further document, and end all readers, whatever they do."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            for reader in self._readers:
                reader.kill()

    def join(self) -> None:
        """Wait until all readers have ended; not to be called by on_done."""
        for thread in list(self._threads):
            thread.join()

    def _work(self) -> None:
        reader: Reader | None = None
        ahead: Task | None = None
        # where it cannot begin, the first document says why
        with contextlib.suppress(Exception):
            reader = self._begin()
        while (task := ahead or self._next()) is not None:
            reader, ahead = self._read(task, reader)
        if reader is not None:
            self._end(reader)

    def _begin(self) -> Reader:
        reader = Reader(self.limits)
        with self._changed:
            self._readers.add(reader)
            if self._is_closed:
                reader.kill()
        return reader

    def _end(self, reader: Reader) -> None:
        reader.close()
        with self._changed:
            self._readers.discard(reader)

    def _next(self) -> Task | None:
        """Return the next task; None once closed, or when none comes for long: the thread is off the list."""
        with self._changed:
            self._idle += 1
            while not self._changed.wait_for(self._may_go_on, IDLE_S) and self._queue:
                pass  # held for long: a thread stays with what waits
            self._idle -= 1
            if self._is_closed:
                return None  # join() waits for the end of its reader
            if not self._queue:
                self._threads.discard(threading.current_thread())
                return None
            return heapq.heappop(self._queue)[-1]

    def _next_small(self) -> Task | None:
        """Return the next task if it is small and nobody else is free to do it; do not wait for one."""
        with self._changed:
            if self._idle or not self._may_go_on() or self._is_closed:
                return None
            return heapq.heappop(self._queue)[-1] if self._queue[0][-1].size <= AHEAD_BYTES else None

    def _may_go_on(self) -> bool:
        is_held = self._held_until is not None and time.monotonic() < self._held_until
        return self._is_closed or (bool(self._queue) and not is_held)

    def _read(self, task: Task, reader: Reader | None) -> tuple[Reader | None, Task | None]:
        """Have a task done; return the reader if it can go on, and the task that it was given meanwhile."""
        done: Any
        ahead: Task | None = None
        if reader is not None and not reader.owes and reader.has_ended():
            # it was killed while it waited, of which no document is to blame
            self._end(reader)
            reader = None
        try:
            reader = reader or self._begin()
            if not reader.owes:
                reader.give(task.dump())
            if reader.count < MAX_TASKS and (ahead := self._next_small()):
                message = ahead.dump()
                if len(message) <= AHEAD_BYTES:
                    reader.give(message)
                else:
                    self._put_back(ahead)
                    ahead = None
            done = reader.answer()
        except Exception as error:  # whatever befell a reader costs one document
            done = error
            if ahead is not None:
                self._put_back(ahead)
                ahead = None
            if reader is not None:
                reader.kill()
                self._end(reader)
                reader = None
        self._on_done(self, task, done)
        if reader is not None and reader.count >= MAX_TASKS and ahead is None:
            self._end(reader)
            reader = None
        return reader, ahead

    def _put_back(self, task: Task) -> None:
        """Let a task that was not begun be the next."""
        with self._changed:
            heapq.heappush(self._queue, (0.0, next(self._numbers), task))
            self._changed.notify()
