"""Reading in processes that can be killed: hostile input costs one failed poll, never the daemon.

Bytes flow in, a future of a ParsedFeed flows out. A document that takes too long or too much
memory, or crashes its process, ends as ParseKilled. What is not read within a few seconds goes to
a slow lane, one process of its own at low priority, so that documents made to take long keep
nobody waiting but one another. Processes are forked from one small server that has imported the
parser already, are limited in address space, and are replaced after a number of documents, so that
nothing leaks for long.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from aggregator.errors import AggregatorError, ParseError, ParseKilled
from aggregator.model import ParsedFeed, Reading
from aggregator.model.markup import Markup
from aggregator.model.pages import PageText
from aggregator.parse.markup import use_markup

T = TypeVar("T")

#: documents after which a process is replaced
MAX_TASKS = 500
#: documents in the slow lane at once: with their time limit, they are done before a claim ends
MOST_SLOW = 6
#: URLs remembered for documents that take long
MOST_KNOWN_SLOW = 1000
#: what the slow lane leaves to everybody else (POSIX nice)
SLOW_NICENESS = 10
#: exit status of a process that ran out of its memory (EX_OSERR)
_OUT_OF_MEMORY = 71


@dataclass(frozen=True, slots=True)
class _Task:
    """One document on its way."""

    promise: Future[Any]
    work: Callable[..., Any]
    markup: Markup
    arguments: Mapping[str, Any]

    @property
    def url(self) -> str:
        url: str = self.arguments["url"]
        return url


class _Lane:
    """A pool of processes with one time limit; started when the first document comes."""

    def __init__(self, workers: int, timeout_s: float, memory_bytes: int, niceness: int) -> None:
        self.timeout_s = timeout_s
        self._workers, self._limits = workers, (memory_bytes, niceness)
        self._pool: Any = None
        self._is_closed = False
        self._lock = threading.Lock()

    def schedule(self, task: _Task) -> Any:
        """Return pebble's future of one reading.

        Raises:
            RuntimeError: the pool was stopped.
        """
        with self._lock:
            if self._is_closed:
                raise RuntimeError("closed")
            self._pool = self._pool or self._start()
            kept = dict(task.arguments)
            return self._pool.schedule(
                _work, args=(task.work, task.markup), kwargs=kept, timeout=self.timeout_s
            )

    def renew(self) -> None:
        """Replace a pool that broke."""
        with self._lock:
            self._pool.stop()
            self._pool = None

    def close(self) -> None:
        """End all processes; what comes later is refused."""
        with self._lock:
            self._is_closed = True
            if self._pool is not None:
                self._pool.stop()
                self._pool.join()

    def _start(self) -> Any:
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=MAX_TASKS,
            initializer=_prepare_process,
            initargs=self._limits,
            context=_context(),
        )


class Sandbox:
    """Lanes of parsing processes; close it, or use it as a context manager.

    Args:
        workers: processes of the quick lane; 0 reads in this process, without limits (tests, ``try``).
        timeout_s: a document that takes longer is killed.
        memory_bytes: address space that one process may add to what it starts with.
        quick_s: what takes longer begins anew in the slow lane.
        markup: what links and HTML keep; may be set anew at any time.
    """

    def __init__(
        self,
        workers: int = 2,
        timeout_s: float = 20.0,
        memory_bytes: int = 1_000_000_000,
        quick_s: float = 3.0,
        markup: Markup = Markup(),  # noqa: B008 - a frozen value
    ) -> None:
        self.markup = markup
        #: set while the lanes are torn down: whatever a reading ends with then, it was stopped
        self._is_closed = False
        self._lanes: tuple[_Lane, ...] = ()
        if workers > 0:
            quick = _Lane(workers, min(quick_s, timeout_s), memory_bytes, 0)
            self._lanes = (quick, _Lane(1, timeout_s, memory_bytes, SLOW_NICENESS))
        self._timeout_s = timeout_s
        #: what was promised and is not settled yet
        self._open: dict[Future[Any], _Task] = {}
        #: documents in the slow lane
        self._slow = 0
        #: URLs whose documents took long the last time, the oldest first
        self._known_slow: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def parse(
        self, body: bytes, url: str, headers: Mapping[str, str], reading: Reading | None = None
    ) -> Future[ParsedFeed]:
        """Return the future reading of *body*; its result() raises ParseError and children only.

        Args:
            reading: how it is to be read; None: it is a feed.
        """
        arguments = {"body": body, "url": url, "headers": dict(headers), "reading": reading}
        return self._run(_read, arguments)

    def extract(self, body: bytes, url: str, headers: Mapping[str, str]) -> Future[PageText]:
        """Return the future text of the article in a page; its result() raises as parse()'s does.

        Needs the extra ``fulltext``.
        """
        return self._run(_extract, {"body": body, "url": url, "headers": dict(headers)})

    def _run(self, work: Callable[..., T], arguments: Mapping[str, Any]) -> Future[T]:
        promise: Future[T] = Future()
        promise.set_running_or_notify_cancel()
        task = _Task(promise, work, self.markup, arguments)
        if not self._lanes:
            _settle_here(task)
            return promise
        with self._lock:
            self._open[promise] = task
        if task.url in self._known_slow:
            self._read_slowly(task)
        else:
            self._send(task, is_slow=False)
        return promise

    def _send(self, task: _Task, *, is_slow: bool) -> None:
        lane = self._lanes[is_slow]
        try:
            done = lane.schedule(task)
        except RuntimeError:
            if self._is_closed:
                self._end(task, ParseKilled("Reading was stopped."))
                return
            # the pool itself broke, not a document: a new one takes over
            lane.renew()
            done = lane.schedule(task)
        done.add_done_callback(lambda done: self._settle(task, done, is_slow))

    def _read_slowly(self, task: _Task) -> None:
        """Have a document read where others that take long are waiting; not if many are."""
        with self._lock:
            self._known_slow[task.url] = None
            while len(self._known_slow) > MOST_KNOWN_SLOW:
                self._known_slow.popitem(last=False)
            is_full = self._slow >= MOST_SLOW
            self._slow += not is_full
        if is_full:
            reason = "Reading the document takes long, and others that take long are being read."
            self._end(task, ParseKilled(reason))
            return
        self._send(task, is_slow=True)

    def _settle(self, task: _Task, done: Any, is_slow: bool) -> None:
        if is_slow:
            with self._lock:
                self._slow -= 1
        try:
            result = done.result()
        except FutureTimeout:
            if is_slow or self._is_closed or self._lanes[0].timeout_s == self._lanes[1].timeout_s:
                self._end(task, ParseKilled(f"Reading the document took more than {self._timeout_s:g} s."))
            else:
                self._read_slowly(task)
        except ProcessExpired as error:
            reason = "took too much memory" if error.exitcode == _OUT_OF_MEMORY else "crashed its process"
            self._end(task, ParseKilled(f"Reading the document {reason}."))
        except (CancelledError, RuntimeError):
            self._end(task, ParseKilled("Reading was stopped."))
        except AggregatorError as error:
            self._end(task, error)
        except BaseException as error:
            reason = f"The document cannot be read ({type(error).__name__})."
            failure = ParseKilled("Reading was stopped.") if self._is_closed else ParseError(reason)
            failure.__cause__ = error
            self._end(task, failure)
        else:
            with self._lock:
                self._known_slow.pop(task.url, None)
            self._end(task, result)

    def _end(self, task: _Task, how: object) -> None:
        """Settle a promise; the first to come decides."""
        with self._lock:
            if self._open.pop(task.promise, None) is None:
                return
        if isinstance(how, AggregatorError):
            task.promise.set_exception(how)
        else:
            task.promise.set_result(how)

    def close(self) -> None:
        """End all processes; readings under way end as ParseKilled. May be called twice."""
        self._is_closed = True
        for lane in self._lanes:
            lane.close()
        # the pool forgets some of what it was given when it is stopped
        for task in list(self._open.values()):
            self._end(task, ParseKilled("Reading was stopped."))

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _context() -> BaseContext:
    """Return the cheapest safe way to start processes: never a fork of a threaded parent."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # the server imports the parser once; its children share those pages
    context.set_forkserver_preload(["aggregator.parse.reading"])
    return context


def _settle_here(task: _Task) -> None:
    use_markup(task.markup)
    try:
        task.promise.set_result(task.work(**task.arguments))
    except ParseError as error:
        task.promise.set_exception(error)


def _read(body: bytes, url: str, headers: Mapping[str, str], reading: Reading | None) -> ParsedFeed:
    # the parent never reads: it does not carry the parser in its memory
    from aggregator.parse.reading import read_document

    return read_document(body, url=url, headers=headers, reading=reading)


def _extract(body: bytes, url: str, headers: Mapping[str, str]) -> PageText:
    # many never read a page: the extractor comes with the first one
    from aggregator.parse.pages.fulltext import extract_text

    return extract_text(body, url, headers)


def _work(work: Callable[..., T], markup: Markup, **arguments: Any) -> T:
    use_markup(markup)
    try:
        return work(**arguments)
    except (ParseKilled, MemoryError):
        # what it allocated cannot be counted on to come back: a fresh process takes over
        os._exit(_OUT_OF_MEMORY)


def _prepare_process(memory_bytes: int, niceness: int) -> None:
    """Limit this process; Ctrl-C is the parent's affair."""
    # looking through what the server imported would copy its pages, which all processes share; and
    # what a document makes dies without being looked for
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    try:
        import resource
    except ImportError:  # not on this platform; the time limit remains
        return
    limit = _address_space() + memory_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _address_space() -> int:
    """Return the address space in use, in bytes; 0 where it cannot be known."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            import resource

            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 500_000_000
