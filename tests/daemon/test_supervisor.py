"""The parent of the worker and the web server, as process 1 of a container."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.running import environment

#: a worker that leaves an orphan behind, and ends when that is gone; its parent adopts orphans
PROGRAM = """
import ctypes, os, sys, time
from pathlib import Path
from aggregator.daemon.supervisor import run_children

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
parent, (reader, writer) = os.getpid(), os.pipe()

def worker():
    if os.fork() == 0:
        if os.fork() == 0:
            while os.getppid() != parent:
                time.sleep(0.01)
            os.write(writer, str(os.getpid()).encode())
            os._exit(3)
        os._exit(0)
    os.wait()
    orphan = Path("/proc", os.read(reader, 99).decode())
    while orphan.exists():
        time.sleep(0.01)
    print("orphan buried", flush=True)
    os._exit(5)

sys.exit(run_children({"worker": worker}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="who adopts orphans is told by Linux alone")
def test_a_stranger_that_ends_ends_nothing_else() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.returncode) == ("orphan buried\n", 5), done.stderr
