"""`aggregator run`: the parent of one worker and one web server.

It starts both, forwards signals, and ends with the first that dies. Should it be killed
outright, its children notice the closed pipe and end by themselves, so that nothing keeps
the port or the store.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

#: environment variable that names the pipe to the parent
PARENT_PIPE = "AGGREGATOR_PARENT_PIPE"
#: seconds the children have to drain before they are killed
PATIENCE_S = 12.0


def run_children(commands: Sequence[Sequence[str]]) -> int:
    """Run the given `aggregator` commands side by side; return the exit code of the first to end.

    SIGTERM, SIGINT and SIGHUP are passed on; an end asked for by a signal is 0.
    """
    ignore_hangup()
    reader, writer = os.pipe()
    os.set_inheritable(reader, True)
    environment = {**os.environ, PARENT_PIPE: str(reader)}
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "aggregator", *command],
            env=environment,
            pass_fds=[reader],
            start_new_session=True,  # Ctrl-C reaches the children once, through us
        )
        for command in commands
    ]
    os.close(reader)
    asked: list[int] = []

    def forward(number: int, _frame: object) -> None:
        if number != signal.SIGHUP:
            asked.append(number)
        for child in children:
            if child.poll() is None:
                child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)
    first = _wait_for_one(children)
    _end(children)
    os.close(writer)
    return 0 if asked else first


def ignore_hangup() -> None:
    """Let SIGHUP pass until there is something that can read the configuration again.

    Children inherit this, so that a reload that comes while they start ends none of them.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def end_with_parent() -> None:
    """Make this process end, as if by SIGTERM, when the parent that started it is gone."""
    pipe = os.environ.pop(PARENT_PIPE, None)
    if pipe is None:
        return

    def wait() -> None:
        os.read(int(pipe), 1)  # the parent never writes: this returns when the pipe closes
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _wait_for_one(children: Sequence[subprocess.Popen[bytes]]) -> int:
    while True:
        for child in children:
            if (code := child.poll()) is not None:
                return code if code >= 0 else 128 - code
        time.sleep(0.1)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE_S
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
