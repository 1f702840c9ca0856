"""Request bodies that do not come: nobody who sends slowly keeps a thread that others need.

A WSGI input flows in, one with a deadline flows out. The server reads bodies in the thread of their
request and waits for ever; here the waiting is done by a thread of its own, the request's thread
gives up in time, and only some of them may wait for bodies at once. What else is asked goes on.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import RequestTimeout, ServiceUnavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: seconds in which a body must be here
BODY_S = 10.0
#: requests of one process that may wait for their bodies at once; nearly all that is sent is here by then
MOST_WAITING = 4
#: threads that wait for bodies of requests that were given up; they end with the connections
MOST_ABANDONED = 64


class BodyLayer:
    """Gives every request that may have a body an input with a deadline."""

    def __init__(self, app: WSGIApplication, seconds: float = BODY_S) -> None:
        self._app, self._seconds = app, seconds
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._reading = threading.BoundedSemaphore(MOST_ABANDONED)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            source = environ["wsgi.input"]
            environ["wsgi.input"] = PatientInput(source, self._seconds, self._waiting, self._reading)
        return self._app(environ, start_response)


class PatientInput:
    """A WSGI input whose reads end in time.

    Raises (each reading method):
        RequestTimeout: the body is not here after the deadline.
        ServiceUnavailable: too many wait for their bodies.
    """

    def __init__(
        self,
        source: Any,
        seconds: float,
        waiting: threading.BoundedSemaphore,
        reading: threading.BoundedSemaphore,
    ) -> None:
        self._source, self._waiting, self._reading = source, waiting, reading
        self._deadline = time.monotonic() + seconds

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes, all for -1; empty at the end."""
        if not self._waiting.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=10)
        try:
            return self._read_in_time(size)
        finally:
            self._waiting.release()

    def _read_in_time(self, size: int) -> bytes:
        if not self._reading.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=10)
        box: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
        threading.Thread(target=self._fill, args=(box, size), name="body", daemon=True).start()
        try:
            found = box.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except queue.Empty:
            raise RequestTimeout from None
        if isinstance(found, Exception):
            raise found
        return found

    def _fill(self, box: queue.SimpleQueue[bytes | Exception], size: int) -> None:
        try:
            box.put(self._source.read(size) if size >= 0 else self._source.read())
        except Exception as error:
            box.put(error)
        finally:
            self._reading.release()
