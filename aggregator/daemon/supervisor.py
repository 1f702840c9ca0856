"""`aggregator run`: the parent of one worker and one web server.

It forks both, so that they start quickly and share the memory of what was imported before. Then it
forwards signals, and ends with the first that dies. Should it be killed outright, its children
notice the closed pipe and end by themselves, so that nothing keeps the port or the store.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

#: seconds the children have to drain before they are killed
PATIENCE_S = 12.0


def run_children(works: Mapping[str, Callable[[], object]]) -> int:
    """Do each of *works* in a child named so; return the exit code of the first to end.

    SIGTERM, SIGINT and SIGHUP are passed on; an end asked for by a signal is 0. In a child this returns 0
    when its work is done. Not for a process with threads or open connections: children inherit them.
    """
    ignore_hangup()
    reader, writer = os.pipe()
    # what was made so far is not looked through for garbage again: that would copy pages which all share
    gc.collect()
    gc.freeze()
    sys.stdout.flush()
    sys.stderr.flush()
    children: set[int] = set()
    for name, work in works.items():
        if (child := os.fork()) == 0:
            os.close(writer)
            _be_child(name, reader)
            work()
            return 0
        children.add(child)
    os.close(reader)
    return _lead(children)


def ignore_hangup() -> None:
    """Let SIGHUP pass until there is something that can read the configuration again.

    Children inherit this, so that a reload that comes while they start ends none of them.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _be_child(name: str, pipe: int) -> None:
    os.setsid()  # Ctrl-C reaches the children once, through the parent
    # what `ps -o comm` and `top` show, on Linux
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name, "ascii")

    def end_with_parent() -> None:
        os.read(pipe, 1)  # the parent never writes: this returns when the pipe closes
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_with_parent, name="parent", daemon=True).start()


def _lead(children: set[int]) -> int:
    asked: list[int] = []

    def forward(number: int, _frame: object) -> None:
        if number != signal.SIGHUP:
            asked.append(number)
        _send(children, number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)
    ended, status = os.wait()
    while ended not in children:
        # process 1 of a container is given whatever lost its parent there
        ended, status = os.wait()
    children.discard(ended)
    _end(children)
    code = os.waitstatus_to_exitcode(status)
    return 0 if asked else code if code >= 0 else 128 - code


def _end(children: set[int]) -> None:
    _send(children, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_S
    while children and time.monotonic() < deadline:
        ended, _ = os.waitpid(-1, os.WNOHANG)
        children.discard(ended)
        if not ended:
            time.sleep(0.05)
    _send(children, signal.SIGKILL)
    while children:
        children.discard(os.wait()[0])


def _send(children: set[int], number: int) -> None:
    for child in tuple(children):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)
