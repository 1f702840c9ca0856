"""A year of articles on a small machine: what `aggregator run` takes of memory and time on one core.

    python -m benchmarks.small [--articles 550000] [--sources 300] [--keep FILE]
        [--limit 512] [--group FOLDER]

An archive made by benchmarks.bulk; every source of it exists on loopback addresses and brings 20 articles
of 1.5 kB at the first poll, nothing after it. The program runs bound to one core. Told are seconds, and
megabytes (PSS) at each step: of all processes, what of it the kernel cannot take back (anonymous), and the
most at any time, and how long the write-ahead log became. The page cache, into which the archive is read,
is what is left of a machine. The system lets no process have more than --data megabytes of its own
(RLIMIT_DATA, by prlimit). When all together (PSS) ever had more than --limit megabytes, it ends as a failure.
With --group, the folder of an empty control group of memory (cgroup, version 1 or 2) whose limit you have
set, the program runs within it: then the system holds all processes together, their page cache and the
kernel's part, to that limit. Told is what the group had at most, and how often a process was killed.
With --keep the archive stays in a file and is used again.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_plus

from benchmarks.bulk import build
from benchmarks.processes import Peak, cpu_seconds, family, installed
from benchmarks.smoke import compile_all, serve
from benchmarks.store import TOPICS
from tests.running import free_port, wait_until

PAGES = ("/", "/feeds/front", "/topics/topic-1", "/status", "/articles/540000", "/sources")
SEARCHES = ("w7", "rare77", "w7 w8", '"w1 w2"', "w1* OR w2*", "w150", "w7 -w8", "nothing", "rare500", "w33")
FEEDS = 2000
PATIENCE_S = 240


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--articles", type=int, default=550_000)
    parser.add_argument("--sources", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--data", type=int, default=512, help="MB that one process may have of its own")
    parser.add_argument("--limit", type=int, default=512, help="MB that all processes may have together")
    parser.add_argument("--group", type=Path, help="an empty control group of memory to run within")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, _origin() as origin:
        folder = Path(name)
        archive = options.keep or folder / "archive.db"
        if not archive.exists():
            build(archive, options.articles, options.sources, 120)
        shutil.copyfile(archive, folder / "year.db")
        port = free_port()
        config = _configured(folder, options.sources, origin, port)
        compile_all(folder)
        head = {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "load": round(os.getloadavg()[0], 1),
            "articles": options.articles,
            "sources": options.sources,
            "MB on disk": round((folder / "year.db").stat().st_size / 1e6),
        }
        told = _live(config, folder / "year.db", options, port)
    print(json.dumps(head | told, indent=1))
    if float(str(told["the most of all, MB"])) > options.limit:
        raise SystemExit(f"all processes together had more than {options.limit} MB")


@contextmanager
def _origin() -> Iterator[int]:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    yield ours.recv()
    server.kill()
    server.join()


def _configured(folder: Path, sources: int, origin: int, port: int) -> Path:
    config = folder / "year.yaml"
    listed = "".join(
        f"  - {{name: Source {n}, url: 'http://127.1.{n // 250}.{n % 250 + 1}:{origin}/{n}.xml'}}\n"
        for n in range(sources)
    )
    topics = "".join(f"  topic-{n}: {{title: Topic {n}, query: w{n}}}\n" for n in range(TOPICS))
    config.write_text(
        f"web: {{listen: '127.0.0.1:{port}'}}\ndatabase: sqlite:///year.db\n"
        "defaults: {every: 1h, keep: 10y}\nfetch: {allow_private: ['127.0.0.0/8']}\n"
        f"feeds: {{front: {{title: Front page}}}}\ntopics:\n{topics}sources:\n{listed}"
    )
    return config


def _live(config: Path, database: Path, options: argparse.Namespace, port: int) -> dict[str, object]:
    sources, limit = options.sources, options.data << 20
    bound = ["prlimit", f"--data={limit}:{limit}", "taskset", "-c", "0"]
    command = [*bound, sys.executable, "-m", "aggregator", "--config", str(config), "run"]
    began = time.monotonic()
    with (config.parent / "log").open("wb") as log:
        program = subprocess.Popen(command, env=installed(), stdout=log, stderr=log)
    if options.group:
        (options.group / "cgroup.procs").write_text(str(program.pid), "ascii")
    try:
        with Peak(program.pid) as peak:
            wait_until(lambda: _ask(port, "/healthz") is not None, timeout_s=60, what="an answer")
            told: dict[str, object] = {"answers after, s": round(time.monotonic() - began, 1)}
            wait_until(lambda: _polled(database) >= sources, timeout_s=PATIENCE_S, what="every source polled")
            told["first poll of all done after, s"] = round(time.monotonic() - began, 1)
            told["processor until then, s"] = round(cpu_seconds(program.pid), 1)
            told["after the first poll"] = _memory(program.pid)
            told["pages, ms"] = {path: _ask(port, path) for path in PAGES}
            told["searches, ms"] = {text: _ask(port, f"/search?q={quote_plus(text)}") for text in SEARCHES}
            told["feed requests, ms"] = _timed([_ask(port, "/feeds/front.atom") for _ in range(FEEDS)])
            told["after pages, searches and feeds"] = _memory(program.pid)
            told |= _of_group(options.group) if options.group else {}
            told["MB of write-ahead log"] = round(Path(f"{database}-wal").stat().st_size / 1e6, 1)
        told["the most of all, MB"] = round(peak.megabytes)
    finally:
        program.terminate()
        program.wait(30)
    return told


def _ask(port: int, path: str) -> float | None:
    """Return the milliseconds of a request; None while nobody listens."""
    began = time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        except ConnectionRefusedError:
            return None
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return round((time.perf_counter() - began) * 1000, 1)


def _timed(times: list[float | None]) -> dict[str, float]:
    known = [one for one in times if one is not None]
    return {
        "first": known[0],
        "median": round(statistics.median(known), 1),
        "95th percentile": round(statistics.quantiles(known, n=20)[-1], 1),
    }


def _polled(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM sources WHERE body_hash IS NOT NULL AND "
                                      "etag LIKE '\"feed-%'").fetchone()[0])  # fmt: skip


def _of_group(group: Path) -> dict[str, object]:
    """Return what a control group of memory had at most, and what came of its limit."""

    def read(*names: str) -> str:  # of version 2, of version 1
        return next((group / name).read_text() for name in names if (group / name).exists())

    peak = int(read("memory.peak", "memory.max_usage_in_bytes"))
    events = read("memory.events", "memory.oom_control")
    kills = [line.split()[1] for line in events.splitlines() if line.startswith("oom_kill ")]
    return {"the most of the group, MB": peak >> 20, "killed in the group": int(kills[0])}


def _memory(pid: int) -> dict[str, float]:
    """Return the megabytes of a family of processes: of all, anonymous, and of each process."""
    told: dict[str, float] = {"all, MB": 0.0, "anonymous, MB": 0.0}
    for one in family(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            name = Path(f"/proc/{one}/comm").read_text().strip()
        except OSError:
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
        told["all, MB"] += sizes["Pss"]
        told["anonymous, MB"] += sizes["Pss_Anon"]
        told[name] = told.get(name, 0.0) + sizes["Pss"]
    return {name: round(value) for name, value in told.items()}


if __name__ == "__main__":
    main()
