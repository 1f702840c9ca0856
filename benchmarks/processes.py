"""What a program costs with all its descendants: CPU seconds and memory.

A process id flows in, figures out. PSS counts a page that n processes share as 1/n in each, so
that the sum over a family of processes is what the machine would get back.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

_TICKS = os.sysconf("SC_CLK_TCK")


def installed() -> dict[str, str]:
    """Return an environment in which bytecode is kept beside the sources, as an installation keeps it.

    Without it every process of a run from a checkout may compile the whole project again.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run_to_the_end(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """Run *command*; return CPU seconds of all processes it led to, wall seconds, and what it said.

    Processes that outlive their parents become ours and are waited for, so that none is left out.
    """
    _adopt_orphans()
    others = _children(os.getpid())
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    wall = time.monotonic() - began
    for orphan in [pid for pid in _children(os.getpid()) if pid not in others]:
        os.waitpid(orphan, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall, said.strip()


def _adopt_orphans() -> None:
    set_child_subreaper = 36
    if ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0):
        raise OSError("prctl: this benchmark needs Linux")


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found


def family(pid: int) -> list[int]:
    """Return a process and its living descendants."""
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        queue += _children(one)
    return found


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process, its living descendants, and those they waited for."""
    ticks = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(value) for value in fields[11:15])
    return ticks / _TICKS


def pss_megabytes(pid: int) -> float:
    """Return the proportional memory of a process and its descendants."""
    total = 0
    for one in family(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


class Peak:
    """Watches the memory of a family of processes while the block runs."""

    def __init__(self, pid: int, every_s: float = 0.4) -> None:
        self.megabytes = 0.0
        self._pid = pid
        self._every_s = every_s
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._end.wait(self._every_s):
            self.megabytes = max(self.megabytes, pss_megabytes(self._pid))

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end.set()
        self._thread.join()
