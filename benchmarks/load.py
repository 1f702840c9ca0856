"""The real server under wrk: requests a second, latency, processor time of one answer, memory.

    python -m benchmarks.load [--seconds 5] [--connections 16] [--entries 50]

A feed of fifty entries with 2.4 kB of text each stands in an SQLite file; `aggregator web` serves it in
one process. wrk asks for it whole and compressed, conditionally, for the front page, and for ever new
questions, which no memory may grow by. Processor time is the server's own, wrk's is not in it; requests
a second and latency depend on what else the machine does, and wrk shares it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from aggregator.store.engine import open_engine
from aggregator.store.schema import migrate
from benchmarks.processes import cpu_seconds, pss_megabytes
from benchmarks.serving import fill

FEED = "/feeds/front-page.atom"
BUSTING = """
local n = 0
function request()
  n = n + 1
  return wrk.format("GET", "/feeds/front-page.atom?q=barge+-x" .. n .. "&limit=" .. (1 + n % 200))
end
"""


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--entries", type=int, default=50)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        print("wrk is not installed", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder), options.entries) as (pid, url):
        tag, size, packed = _look(url + FEED)
        gzip = ("-H", "Accept-Encoding: gzip")
        cases = {
            "200 gzip": (FEED, gzip),
            "200 whole": (FEED, ()),
            "304": (FEED, (*gzip, "-H", f"If-None-Match: {tag}")),
            "200 JSON gzip": ("/feeds/front-page.json", gzip),
            "front page gzip": ("/", gzip),
        }
        figures: dict[str, object] = {"entries": options.entries, "bytes": size, "bytes gzip": packed}
        figures["MB before"] = round(pss_megabytes(pid), 1)
        for name, (path, words) in cases.items():
            figures[name] = _measured(pid, url + path, words, options)
        figures["MB after"] = round(pss_megabytes(pid), 1)
        script = Path(folder, "busting.lua")
        script.write_text(BUSTING)
        for turn in ("first", "second"):
            figures[f"new questions, {turn}"] = _measured(pid, url, ("-s", str(script)), options)
            figures[f"MB after the {turn}"] = round(pss_megabytes(pid), 1)
    head = {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "load": os.getloadavg()[0]}
    print(json.dumps(head | figures, indent=1))
    return 0


@contextmanager
def _server(folder: Path, entries: int) -> Iterator[tuple[int, str]]:
    """Start the program's own server on a filled store; yield its process id and address."""
    engine = open_engine(f"sqlite:///{folder / 'load.db'}")
    migrate(engine)
    fill(engine, entries)
    engine.dispose()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    config = folder / "load.yaml"
    listed = "".join(
        f"  - {{url: https://paper-{n}.example/feed, name: Paper {n}, rights: CC BY 4.0}}\n"
        for n in range(10)
    )
    config.write_text(
        f"site: {{title: Benchmark Gazette, url: '{url}'}}\nweb: {{listen: '{url[7:]}'}}\n"
        f"database: sqlite:///load.db\nsources:\n{listed}"
        f"feeds: {{front-page: {{title: Front page, query: '', limit: {entries}}}}}\n"
    )
    command = [sys.executable, "-m", "aggregator", "--config", str(config), "web"]
    with (folder / "web.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _await(url + FEED)
        yield server.pid, url
    finally:
        server.terminate()
        server.wait(20)


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _look(url: str) -> tuple[str, int, int]:
    """Return the tag of the compressed feed, and its length whole and compressed."""
    with urllib.request.urlopen(url) as answer:
        size = len(answer.read())
    asked = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        return answer.headers["ETag"], size, len(answer.read())


def _measured(
    pid: int, url: str, words: tuple[str, ...], options: argparse.Namespace
) -> dict[str, float | str]:
    before = cpu_seconds(pid)
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--latency", *words, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = cpu_seconds(pid) - before
    requests = int(_found(r"(\d+) requests in", said))
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return {
        "requests a second": round(requests / options.seconds),
        "microseconds of processor": round(spent / max(requests, 1) * 1e6, 1),
        "median": _found(r"50%\s+(\S+)", said),
        "99th percentile": _found(r"99%\s+(\S+)", said),
        "refused": int(failed[1]) if failed else 0,
    }


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"wrk said {text!r}")
    return found[1]


if __name__ == "__main__":
    raise SystemExit(main())
