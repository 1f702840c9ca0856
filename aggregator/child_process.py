"""A child process does what leaves much behind: what that imports, makes and drops goes with it.

A call flows in; what it returns flows out, or what it raises. A process that lives for months does not
carry what it needed once: reading a configuration leaves ten megabytes, migrating a database eight.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from aggregator.errors import AggregatorError

T = TypeVar("T")

#: what a new interpreter runs: modules are found where this one found them
_CHILD = "import sys; sys.path[:] = {path}; from aggregator.child_process import answer; answer()"


def run_in_child(call: Callable[..., T], *arguments: object) -> T:
    """Return what *call* returns, done in a child process; call, arguments and result can be pickled.

    Raises:
        AggregatorError: the child was killed or interrupted.
        Exception: what *call* raises; what is none of ours has its traceback as a note.
    """
    return start_in_child(call, *arguments)()


def start_in_child(call: Callable[..., T], *arguments: object) -> Callable[[], T]:
    """Begin what run_in_child() does; what is returned waits for the end of it, and is to be called once."""
    # a fork begins at once, but takes no other thread along, nor what that was about to let go of
    said = (_fork if threading.active_count() == 1 else _begin)(call, arguments)

    def result() -> T:
        if not (pickled := said()):
            raise AggregatorError("a child process was killed, perhaps for want of memory")
        returned, error = pickle.loads(pickled)
        if error is not None:
            raise error
        return returned  # type: ignore[no-any-return]

    return result


def _fork(call: Callable[..., Any], arguments: tuple[object, ...]) -> Callable[[], bytes]:
    reader, writer = os.pipe()
    if not (child := os.fork()):
        os.close(reader)  # a parent that has ended is an error then, not a wait for ever
        try:
            with open(writer, "wb") as out:
                out.write(_done(call, arguments))
        finally:
            os._exit(0)
    os.close(writer)

    def said() -> bytes:
        with open(reader, "rb") as answers:
            answer = answers.read()
        os.waitpid(child, 0)
        return answer

    return said


def _begin(call: Callable[..., Any], arguments: tuple[object, ...]) -> Callable[[], bytes]:
    command = [sys.executable, "-c", _CHILD.format(path=sys.path)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    task = pickle.dumps((call, arguments))
    return lambda: child.communicate(task)[0]


def answer() -> None:
    """Do the call that comes in by standard input, and say on standard output what it came to."""
    call, arguments = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(_done(call, arguments))


def _done(call: Callable[..., Any], arguments: tuple[object, ...]) -> bytes:
    try:
        return pickle.dumps((call(*arguments), None))
    # whom Ctrl-C interrupts says nothing: the terminal tells the parent, too
    except Exception as error:
        if not isinstance(error, AggregatorError):
            error.add_note(traceback.format_exc())  # a pickled error forgets where it was raised
        return pickle.dumps((None, error))
