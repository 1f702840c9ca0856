"""Reading in processes that can be killed: hostile input costs one failed poll, never the daemon.

Bytes flow in, a future of a ParsedFeed flows out. A document that takes too long or too much
memory, or crashes its process, ends as ParseKilled. Large documents have a lane of their own, one
process for all of them. What is not read within a few seconds goes to a slow lane, one process at
low priority, so that documents made to take long keep nobody waiting but one another.
Processes are limited in address space, are replaced after a number of documents, and end when there is
nothing to read for a while.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from aggregator.errors import AggregatorError, ParseError, ParseKilled
from aggregator.model import ParsedFeed, Reading
from aggregator.model.markup import Markup
from aggregator.model.pages import PageText
from aggregator.parse import sandbox_process
from aggregator.parse.markup import use_markup
from aggregator.parse.sandbox_lane import Lane, Task
from aggregator.parse.sandbox_process import Limits
from aggregator.parse.sandbox_reader import Ended

T = TypeVar("T")

#: larger documents are read one at a time
LARGE_DOCUMENT = 1_000_000
#: seconds that a document may take, and those after which it begins anew in the slow lane
TIMEOUT_S, QUICK_S = 20.0, 3.0
#: documents in the slow lane at once: with their time limit, they are done before a claim ends
MOST_SLOW = 6
#: URLs remembered for documents that take long
MOST_KNOWN_SLOW = 1000
#: readers leave the processors to who stores what they read and who serves it (POSIX nice) …
NICENESS = 5
#: … and those of the slow lane to everybody else
SLOW_NICENESS = 10


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
        timeout_s: float = TIMEOUT_S,
        memory_bytes: int = 256_000_000,
        quick_s: float = QUICK_S,
        markup: Markup = Markup(),  # noqa: B008 - a frozen value
    ) -> None:
        self.markup = markup
        #: set before the lanes are torn down: whatever a reading ends with then, it was stopped
        self._is_closed = False
        self._lanes: tuple[Lane, ...] = ()
        if workers > 0:
            soon = Limits(memory_bytes, NICENESS, min(quick_s, timeout_s))
            late = Limits(memory_bytes, SLOW_NICENESS, timeout_s)
            quick = Lane(workers, soon, self._settle)
            large, slow = Lane(1, soon, self._settle), Lane(1, late, self._settle)
            self._lanes = (quick, large, slow)
        self._timeout_s = timeout_s
        #: what was promised and is not settled yet
        self._open: dict[Future[Any], Task] = {}
        #: documents in the slow lane
        self._slow = 0
        #: URLs whose documents took long the last time, the oldest first
        self._known_slow: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def expect(self) -> None:
        """Make ready to read, where documents will come soon: the first waits a quarter of a second less."""
        if self._lanes:
            self._lanes[0].expect()

    def hold(self, is_held: bool) -> None:
        """Let documents wait, or wait no more; those being read are read to their end.

        A hold that lasts ends by itself: a reading is not to fail because somebody else hangs.
        """
        for lane in self._lanes:
            lane.hold(is_held)

    @property
    def unread(self) -> int:
        """How many documents wait for a reader, but for those that are large or take long."""
        return len(self._lanes[0]) if self._lanes else 0

    def parse(
        self, body: bytes, url: str, headers: Mapping[str, str], reading: Reading | None = None
    ) -> Future[ParsedFeed]:
        """Return the future reading of *body*; its result() raises ParseError and children only.

        Args:
            reading: how it is to be read; None: it is a feed.
        """
        arguments = {"body": body, "url": url, "headers": dict(headers), "reading": reading}
        return self._run(sandbox_process.read, arguments)

    def extract(
        self, body: bytes, url: str, headers: Mapping[str, str], selectors: Sequence[str] = ()
    ) -> Future[PageText]:
        """Return the future text of the article in a page; its result() raises as parse()'s does.

        Needs the extra ``fulltext``.
        """
        arguments = {"body": body, "url": url, "headers": dict(headers), "selectors": tuple(selectors)}
        return self._run(sandbox_process.extract, arguments)

    def _run(self, what: Callable[..., T], arguments: Mapping[str, Any]) -> Future[T]:
        promise: Future[T] = Future()
        promise.set_running_or_notify_cancel()
        task = Task(promise, what, self.markup, arguments)
        if not self._lanes:
            _settle_here(task)
            return promise
        with self._lock:
            self._open[promise] = task
        if self._is_closed:
            self._end(task, ParseKilled("Reading was stopped."))
            return promise
        if task.url in self._known_slow:
            self._read_slowly(task)
        else:
            self._lanes[task.size > LARGE_DOCUMENT].add(task)
        return promise

    def _read_slowly(self, task: Task) -> None:
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
        self._lanes[-1].add(task)

    def _settle(self, lane: Lane, task: Task, done: Any) -> None:
        if lane is self._lanes[-1]:
            with self._lock:
                self._slow -= 1
        match done:
            case _ if self._is_closed:
                self._end(task, ParseKilled("Reading was stopped."))
            case TimeoutError() if lane.limits.timeout_s < self._timeout_s:
                self._read_slowly(task)
            case TimeoutError():
                self._end(task, ParseKilled(f"Reading the document took more than {self._timeout_s:g} s."))
            case Ended():
                self._end(task, ParseKilled(f"Reading the document {done}."))
            case AggregatorError():
                self._end(task, done)
            case Exception():
                self._end(task, ParseError(f"The document cannot be read ({type(done).__name__})."))
            case _:
                with self._lock:
                    self._known_slow.pop(task.url, None)
                self._end(task, done)

    def _end(self, task: Task, how: object) -> None:
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
            lane.stop()
        for lane in self._lanes:
            lane.join()
        for task in list(self._open.values()):
            self._end(task, ParseKilled("Reading was stopped."))

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _settle_here(task: Task) -> None:
    use_markup(task.markup)
    try:
        task.promise.set_result(task.what(**task.arguments))
    except ParseError as error:
        task.promise.set_exception(error)
