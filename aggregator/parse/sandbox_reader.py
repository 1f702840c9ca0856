"""Readers as the program sees them: a task flows in, its result out, or word of how the reader ended.

They are forked by a server that begins with the first one, or before, and ends when none is wanted. Neither
is forked by the program itself, which has threads. What a task means is not known here.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

from aggregator.parse.sandbox_process import ORDER, OUT_OF_MEMORY
from aggregator.parse.wire import receive, send, wait_at_most

#: seconds until a reader has begun, on a machine with its hands full
_START_S = 60.0
#: seconds until a server that is to end is killed
_END_S = 10.0
#: seconds without who wants readers after which a server ends: it takes 20 MB, to begin another 0.2 s
REST_S = 40.0
#: what the server runs: modules are found where the program found them
_SERVER = (
    "import sys; sys.path[:] = {path}; from aggregator.parse.sandbox_process import serve; serve({control})"
)


class Ended(Exception):
    """A reader ended before it answered; the words say of what, after "reading the document"."""


class Reader:
    """A process that reads; for one thread. It is ended by close(), or kill() when it has not answered."""

    def __init__(self, program: socket.socket) -> None:
        self._program = program
        #: tasks it was given
        self.count = 0
        wait_at_most(program, _START_S)
        self.pid: int = self._await()

    def ask(self, task: bytes, timeout_s: float) -> Any:
        """Return what a task came to.

        Raises:
            TimeoutError: it takes longer; the reader is of no use any more.
            Ended: the reader is gone.
        """
        self.count += 1
        wait_at_most(self._program, timeout_s)
        try:
            send(self._program, task)
        except TimeoutError:
            raise
        except OSError:
            raise self._ended("crashed its process") from None
        return self._await()

    def has_ended(self) -> bool:
        """Tell whether somebody ended it since its last answer."""
        try:
            return not self._program.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _await(self) -> Any:
        try:
            answer = receive(self._program)
        except ConnectionError:
            answer = None
        if answer is None:
            raise self._ended("crashed its process")
        if answer == OUT_OF_MEMORY:
            raise self._ended("took too much memory")
        return pickle.loads(answer)

    def _ended(self, words: str) -> Ended:
        self.close()
        return Ended(words)

    def kill(self) -> None:
        """End it at once, whatever it does."""
        # one that ended by itself is let be: its number may be another's by now
        if self._program.fileno() >= 0:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Let it end when it has nothing to do. May be called twice."""
        self._program.close()


class Readers:
    """Where readers come from. May be used by several threads."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._is_closed = False
        self._users = 0
        self._resting: threading.Timer | None = None
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the server until all who want readers are gone, and a while longer."""
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users and not self._is_closed:
                    self._rest_later()

    def expect(self) -> None:
        """Begin the server before there is an order; where it cannot begin, that order says why."""
        with self.in_use(), self._lock, contextlib.suppress(OSError):
            if self._orders is None and not self._is_closed:
                self._orders = self._start_server()

    def _rest_later(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = threading.Timer(REST_S, self._rest)
        self._resting.daemon = True
        with contextlib.suppress(RuntimeError):  # no further thread: the server stays
            self._resting.start()

    def _rest(self) -> None:
        with self._lock:
            if not self._users:
                self._stop_server()

    def start(self, memory_bytes: int, niceness: int) -> Reader:
        """Return a new reader.

        Args:
            memory_bytes: address space that it may add to what it starts with.
            niceness: POSIX nice, 0 for none.

        Raises:
            Ended: it did not begin, or no reader begins any more.
            TimeoutError: it has not begun within a minute.
            OSError: the system gives no further process or file.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                orders = self._order(ORDER.pack(memory_bytes, niceness), theirs)
            try:
                return Reader(ours)
            except TimeoutError:
                self._replace_server(orders)
                raise
        except BaseException:
            ours.close()
            raise

    def close(self) -> None:
        """End all readers, whatever they do; none begins any more."""
        with self._lock:
            self._is_closed = True
            if self._resting is not None:
                self._resting.cancel()
            self._stop_server()

    def bury(self) -> None:
        """Take leave of a server that was killed; the next order begins another."""
        with self._lock:
            if self._server is not None and self._server.poll() is not None:
                self._stop_server()

    def _order(self, order: bytes, theirs: socket.socket) -> socket.socket:
        """Send an order, and return the socket that it went over."""
        with self._lock:
            try:
                return self._send(order, theirs)
            except OSError:
                # the server was killed: another takes over
                self._stop_server()
                return self._send(order, theirs)

    def _send(self, order: bytes, theirs: socket.socket) -> socket.socket:
        if self._is_closed:
            raise Ended("was stopped")
        if self._orders is None:
            self._orders = self._start_server()
        socket.send_fds(self._orders, [order], [theirs.fileno()])
        return self._orders

    def _replace_server(self, orders: socket.socket) -> None:
        """Have the next order begin another server, if the one behind *orders* still serves."""
        with self._lock:
            if self._orders is orders and self._server is not None:
                # killed before its socket is closed: the readers that it began go on
                self._server.kill()
                self._stop_server()

    def _start_server(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            code = _SERVER.format(path=sys.path, control=theirs.fileno())
            command = [sys.executable, "-c", code]
            try:
                self._server = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
            except BaseException:
                ours.close()
                raise
        return ours

    def _stop_server(self) -> None:
        if self._orders is not None:
            self._orders.close()
            self._orders = None
        if self._server is not None:
            try:
                self._server.wait(_END_S)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None
