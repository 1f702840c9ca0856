"""A lane of the sandbox: a pool of processes, and the documents that wait for one of them.

Tasks flow in, futures of pebble flow out, through a callback. Small documents pass larger ones that
have not waited long: a feed of ten kilobytes does not stand behind a megabyte made to take its time.
What a reading means is not decided here.
"""

from __future__ import annotations

import heapq
import itertools
import multiprocessing
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from typing import Any

from pebble import ProcessPool

from aggregator.model.markup import Markup
from aggregator.parse import sandbox_process

#: a document lets smaller ones pass as if it had come later: a second for so many bytes
BYTES_A_SECOND = 10_000


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


class Lane:
    """Processes with one time limit; started when the first document comes.

    Args:
        limits: bytes of memory that a process may add, and its niceness.
        tasks: documents after which a process is replaced.
        on_done: called, in a thread of the pool, with a task and pebble's future of it; with None
            when the lane was closed first.
    """

    def __init__(
        self, workers: int, timeout_s: float, limits: tuple[int, int], tasks: int,
        on_done: Callable[[Lane, Task, Any], None],
    ) -> None:  # fmt: skip
        self.timeout_s = timeout_s
        self._workers, self._limits, self._tasks = workers, limits, tasks
        self._on_done = on_done
        self._pool: Any = None
        self._is_closed = False
        self._queue: list[tuple[float, int, Task]] = []
        self._numbers = itertools.count()
        self._running = 0
        #: documents given to the processes at once: one waits at the door of several, so that none is idle
        self._most = workers + (workers > 1)
        # a pool that is stopped may call back at once
        self._lock = threading.RLock()

    def add(self, task: Task) -> None:
        """Have a document read when its turn comes."""
        with self._lock:
            at = time.monotonic() + task.size / BYTES_A_SECOND
            heapq.heappush(self._queue, (at, next(self._numbers), task))
        self._go_on()

    def close(self) -> None:
        """End all processes; what comes later is refused."""
        with self._lock:
            self._is_closed = True
            pool = self._pool
        if pool is not None:
            pool.stop()
            pool.join()
        self._go_on()

    def _go_on(self) -> None:
        """Give the next documents to the processes."""
        while True:
            with self._lock:
                if not self._queue or (self._running >= self._most and not self._is_closed):
                    return
                *_, task = heapq.heappop(self._queue)
                done = None if self._is_closed else self._schedule(task)
                self._running += done is not None
            if done is None:
                self._on_done(self, task, None)
            else:
                done.add_done_callback(lambda done, task=task: self._end(task, done))

    def _end(self, task: Task, done: Any) -> None:
        with self._lock:
            self._running -= 1
        self._on_done(self, task, done)
        self._go_on()

    def _schedule(self, task: Task) -> Any:
        for _ in range(2):
            self._pool = self._pool or self._start()
            try:
                return self._pool.schedule(
                    sandbox_process.work,
                    args=(task.what, task.markup),
                    kwargs=dict(task.arguments),
                    timeout=self.timeout_s,
                )
            except RuntimeError:
                # the pool itself broke, not a document: a new one takes over
                self._pool.stop()
                self._pool = None
        return None

    def _start(self) -> Any:
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=self._tasks,
            initializer=sandbox_process.prepare,
            initargs=self._limits,
            context=_context(),
        )


def _context() -> BaseContext:
    """Return the cheapest safe way to start processes: never a fork of a threaded parent."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # the server imports the parser once; its children share those pages
    context.set_forkserver_preload(["aggregator.parse.reading"])
    return context
