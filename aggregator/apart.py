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
_CHILD = "import sys; sys.path[:] = {path}; from aggregator.apart import answer; answer()"


def apart(call: Callable[..., T], *arguments: object) -> T:
    """Return what *call* returns, done in a child process; call, arguments and result can be pickled.

    Raises:
        AggregatorError: the child was killed or interrupted.
        Exception: what *call* raises; what is none of ours has its traceback as a note.
    """
    # a fork begins at once, but takes no other thread along, nor what that was about to let go of
    said = (_fork if threading.active_count() == 1 else _begin)(call, arguments)
    if not said:
        raise AggregatorError("a child process was killed, perhaps for want of memory")
    result, error = pickle.loads(said)
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]


def _fork(call: Callable[..., Any], arguments: tuple[object, ...]) -> bytes:
    reader, writer = os.pipe()
    if not (child := os.fork()):
        try:
            with open(writer, "wb") as out:
                out.write(_done(call, arguments))
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answers:
        said = answers.read()
    os.waitpid(child, 0)
    return said


def _begin(call: Callable[..., Any], arguments: tuple[object, ...]) -> bytes:
    command = [sys.executable, "-c", _CHILD.format(path=sys.path)]
    task = pickle.dumps((call, arguments))
    return subprocess.run(command, input=task, stdout=subprocess.PIPE, check=False).stdout


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
