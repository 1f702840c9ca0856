"""A reader as the program sees it: tasks flow in, their results out, or word of how the reader ended.

It may be given the next small task while it does one. What a task means is not known here.
"""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
from typing import Any

from aggregator.parse.sandbox_process import OUT_OF_MEMORY, Limits
from aggregator.parse.wire import receive, send, wait_at_most

#: a task up to this size may be given while another is done, and a reader need not wait for a busy program:
#: it fits between the processes, and no two wait for each other to take what they send
AHEAD_BYTES = 64_000
#: seconds until a reader has begun, on a machine with its hands full
_START_S = 60.0
#: seconds until a reader that has nothing to do and is to end is killed
_END_S = 2.0
#: what the process runs: modules are found where the program found them
_PROCESS = (
    "import sys; sys.path[:] = {path}; "
    "from aggregator.parse.sandbox_process import Limits, live; live({program}, {limits})"
)


class Ended(Exception):
    """A reader ended before it answered; the words say of what, after "reading the document"."""


class Reader:
    """A process that reads; for one thread, but for kill(). Whoever begins it has to close it.

    Raises:
        Ended: the system gives no further process or file.
    """

    def __init__(self, limits: Limits) -> None:
        self._timeout_s = limits.timeout_s
        #: tasks it was given, and how many of them it has not answered
        self.count = self.owes = 0
        self._has_begun = False
        try:
            self._program, theirs = socket.socketpair()
        except OSError:
            raise Ended("was not begun: the system gives no further file") from None
        # some systems let no more than eight kilobytes wait
        self._program.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * AHEAD_BYTES)
        with theirs:
            code = _PROCESS.format(path=sys.path, program=theirs.fileno(), limits=limits)
            try:
                # of a group of its own: what is typed at a terminal is for the program
                self._process = subprocess.Popen(
                    [sys.executable, "-c", code],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    process_group=0,
                )
            except OSError:
                self._program.close()
                raise Ended("was not begun: the system gives no further process") from None

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def begin(self) -> None:
        """Wait until it can be given a task; give() does so, too.

        Raises:
            TimeoutError: it has not begun within a minute.
            Ended: the reader is gone.
        """
        if not self._has_begun:
            wait_at_most(self._program, _START_S)
            self._await()
            self._has_begun = True
            wait_at_most(self._program, self._timeout_s)

    def give(self, task: bytes) -> None:
        """Have a task done, after those that it owes.

        Raises:
            TimeoutError: one takes longer; the reader is of no use any more.
            Ended: the reader is gone.
        """
        self.begin()
        self.count += 1
        self.owes += 1
        try:
            send(self._program, task)
        except TimeoutError:
            raise
        except OSError:
            raise Ended("crashed its process") from None

    def answer(self) -> Any:
        """Return what the oldest task that it owes came to. Raises as give() does."""
        done = self._await()
        self.owes -= 1
        return done

    def has_ended(self) -> bool:
        """Tell whether somebody ended it since its last answer."""
        return self._process.poll() is not None

    def _await(self) -> Any:
        try:
            answer = receive(self._program)
        except ConnectionError:
            answer = None
        if answer is None:
            raise Ended("crashed its process")
        if answer == OUT_OF_MEMORY:
            raise Ended("took too much memory")
        return pickle.loads(answer)

    def kill(self) -> None:
        """End it at once, whatever it does; any thread may. What was asked of it has Ended."""
        self._process.kill()

    def close(self) -> None:
        """Let it end when it has nothing to do, and take leave of it."""
        self._program.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
