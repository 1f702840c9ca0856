"""The parent of the worker and the web server, as process 1 of a container."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


IGNORING = """
import os, signal, sys
for number in (signal.SIGCHLD, signal.SIGALRM):
    signal.signal(number, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
ALARM = """
import signal
from aggregator.cli import main
try:
    main()
finally:
    print(signal.getsignal(signal.SIGALRM).name)
"""


def test_signals_that_our_starter_ignores_are_heard(tmp_path: Path) -> None:
    """Ignored, SIGCHLD would hide our children's ends, and SIGALRM would end no reader that hangs."""
    config = tmp_path / "a.yaml"
    config.write_text("site: {url: 'http://127.0.0.1:8'}\ndatabase: 'sqlite:///a.db'\n", "utf-8")
    for code in (["-m", "aggregator"], ["-c", ALARM]):
        command = [sys.executable, "-c", IGNORING, *code, "--config", str(config), "status"]
        done = subprocess.run(
            command, env=environment(), capture_output=True, text=True, timeout=60, check=False
        )
        assert "No child" not in done.stdout + done.stderr
        assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "SIG_DFL"
