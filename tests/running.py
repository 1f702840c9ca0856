"""The program as a user starts it: real processes, a real port, and waiting with a deadline."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from click.testing import CliRunner

from aggregator.cli import group
from aggregator.errors import AggregatorError

ROOT = Path(__file__).parent.parent
T = TypeVar("T")


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    """Return the environment in which this checkout's program runs, from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def aggregator(
    config: Path, *words: str, code: int | None = 0, timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; *code* is the exit code it must have, None for any."""
    command = [sys.executable, "-m", "aggregator", "--config", str(config), *words]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), timeout=timeout_s, check=False
    )
    assert code is None or done.returncode == code, (
        f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    )
    return done


def printed(config: Path, *words: str) -> str:
    """Run a command in this process, at a tenth of what one of its own costs, and return what it prints."""
    return CliRunner().invoke(group, ["--config", str(config), *words], catch_exceptions=False).stdout


def refused(config: Path, *words: str) -> str:
    """Run a command in this process that must fail with exit code 1, and return what it says."""
    done = CliRunner().invoke(group, ["--config", str(config), *words])
    assert isinstance(done.exception, (AggregatorError, SystemExit)), done.exception
    assert done.exit_code == 1, done.output
    return f"{done.stderr}{done.exception}"


def json_lines(config: Path, *words: str) -> list[dict[str, Any]]:
    """Run a command with --json in this process and return its lines as values."""
    return [json.loads(line) for line in printed(config, *words, "--json").splitlines()]


def ask(url: str, headers: Mapping[str, str], method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (lower case) and body of any answer; a refused connection is an OSError."""
    request = urllib.request.Request(url, headers=dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


@dataclass
class Running:
    """A started program and where it answers."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """Ask for a path; see ask()."""
        return ask(self.url + path, headers or {})

    def kill(self) -> None:
        """kill -9 the parent: its children must end by themselves, and did when this returns."""
        members = family(self.process.pid)
        self.process.kill()
        self.process.wait(10)
        for pid, line in members.items():
            wait_until(lambda pid=pid: is_gone(pid), what=f"the end of {line}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)


def wait_until(ask: Callable[[], T], *, timeout_s: float = 30, what: str = "the condition") -> T:
    """Return the first true answer of *ask*; fail after the deadline."""
    deadline = time.monotonic() + timeout_s
    last: object = None
    while time.monotonic() < deadline:
        try:
            if answer := ask():
                return answer
            last = answer
        except OSError as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"waited {timeout_s} s for {what}; last: {last!r}")


@contextmanager
def running(config: Path, url: str, *words: str) -> Iterator[Running]:
    """Start `aggregator run` (or *words*) and wait until it answers; it is ended afterwards."""
    log = config.with_suffix(".log")
    command = [sys.executable, "-m", "aggregator", "--config", str(config), *(words or ("run",))]
    with log.open("ab") as sink:
        process = subprocess.Popen(command, env=environment(), stderr=sink, stdout=sink)
    program = Running(process, url, log)
    try:
        wait_until(lambda: alive(program) and program.get("/healthz")[0] == 200, what=f"an answer at {url}")
        yield program
    except AssertionError as error:
        error.add_note(f"log:\n{log.read_text('utf-8', 'replace')[-6000:]}")
        raise
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def alive(program: Running) -> bool:
    """True while the parent process runs; an early end fails at once."""
    code = program.process.poll()
    assert code is None, f"ended with {code}:\n{program.log.read_text('utf-8', 'replace')[-3000:]}"
    return True


def family(pid: int) -> dict[int, str]:
    """Return the living descendants of a process, each with its command line."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (folder / "stat").read_text()
                state, parent = stat.rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(folder.name)] = int(parent)
    found, edge = {}, {pid}
    while edge:
        edge = {child for child, parent in parents.items() if parent in edge} - set(found)
        for child in edge:
            with contextlib.suppress(OSError):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def is_gone(pid: int) -> bool:
    """True when a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
