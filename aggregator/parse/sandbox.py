"""Reading in processes that can be killed: hostile input costs one failed poll, never the daemon.

Bytes flow in, a future of a ParsedFeed flows out. A document that takes too long or too much
memory, or crashes its process, ends as ParseKilled. Processes are forked from one small
server that has imported the parser already, are limited in address space, and are replaced
after a number of documents, so that nothing leaks for long.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
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
#: exit status of a process that ran out of its memory (EX_OSERR)
_OUT_OF_MEMORY = 71


class Sandbox:
    """A pool of parsing processes; close it, or use it as a context manager.

    Args:
        workers: processes; 0 reads in this process, without limits (tests, ``try``).
        timeout_s: a document that takes longer is killed.
        memory_bytes: address space that one process may add to what it starts with.
        markup: what links and HTML keep; may be set anew at any time.
    """

    def __init__(
        self,
        workers: int = 2,
        timeout_s: float = 20.0,
        memory_bytes: int = 1_000_000_000,
        markup: Markup = Markup(),  # noqa: B008 - a frozen value
    ) -> None:
        self.markup = markup
        self._workers = workers
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        #: set while the pool is torn down: whatever a reading ends with then, it was stopped
        self._is_closed = False
        self._open: set[Future[Any]] = set()
        self._pool: Any = self._start() if workers > 0 else None

    def _start(self) -> Any:
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=MAX_TASKS,
            initializer=_prepare_process,
            initargs=(self._memory_bytes,),
            context=_context(),
        )

    def parse(
        self, body: bytes, url: str, headers: Mapping[str, str], reading: Reading | None = None
    ) -> Future[ParsedFeed]:
        """Return the future reading of *body*; its result() raises ParseError and children only.

        Args:
            reading: how it is to be read; None: it is a feed.
        """
        return self._run(_read, {"body": body, "url": url, "headers": dict(headers), "reading": reading})

    def extract(self, body: bytes, url: str, headers: Mapping[str, str]) -> Future[PageText]:
        """Return the future text of the article in a page; its result() raises as parse()'s does.

        Needs the extra ``fulltext``.
        """
        return self._run(_extract, {"body": body, "url": url, "headers": dict(headers)})

    def _run(self, work: Callable[..., T], arguments: Mapping[str, Any]) -> Future[T]:
        promise: Future[T] = Future()
        promise.set_running_or_notify_cancel()
        if self._pool is None:
            _settle_here(promise, work, self.markup, arguments)
            return promise
        try:
            task = self._schedule(work, arguments)
        except RuntimeError:
            if self._is_closed:
                promise.set_exception(ParseKilled("Reading was stopped."))
                return promise
            # the pool itself broke, not a document: a new one takes over
            self._pool.stop()
            self._pool = self._start()
            task = self._schedule(work, arguments)
        self._open.add(promise)
        task.add_done_callback(lambda done: self._settle(promise, done))
        return promise

    def _schedule(self, work: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        return self._pool.schedule(
            _work, args=(work, self.markup), kwargs=dict(arguments), timeout=self._timeout_s
        )

    def _settle(self, promise: Future[Any], done: Any) -> None:
        self._open.discard(promise)
        if promise.done():
            return
        try:
            promise.set_result(done.result())
        except FutureTimeout:
            promise.set_exception(ParseKilled(f"Reading the document took more than {self._timeout_s:g} s."))
        except ProcessExpired as error:
            reason = "took too much memory" if error.exitcode == _OUT_OF_MEMORY else "crashed its process"
            promise.set_exception(ParseKilled(f"Reading the document {reason}."))
        except (CancelledError, RuntimeError):
            promise.set_exception(ParseKilled("Reading was stopped."))
        except AggregatorError as error:
            promise.set_exception(error)
        except BaseException as error:
            reason = f"The document cannot be read ({type(error).__name__})."
            failure = ParseKilled("Reading was stopped.") if self._is_closed else ParseError(reason)
            failure.__cause__ = error
            promise.set_exception(failure)

    def close(self) -> None:
        """End all processes; readings under way end as ParseKilled. May be called twice."""
        self._is_closed = True
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
        # a pool that is stopped before it has begun forgets what it was given
        while self._open:
            with suppress(KeyError, InvalidStateError):
                self._open.pop().set_exception(ParseKilled("Reading was stopped."))

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


def _settle_here(
    promise: Future[T], work: Callable[..., T], markup: Markup, arguments: Mapping[str, Any]
) -> None:
    use_markup(markup)
    try:
        promise.set_result(work(**arguments))
    except ParseError as error:
        promise.set_exception(error)


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


def _prepare_process(memory_bytes: int) -> None:
    """Limit this process; Ctrl-C is the parent's affair."""
    # looking through what the server imported would copy its pages, which all processes share; and
    # what a document makes dies without being looked for
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
