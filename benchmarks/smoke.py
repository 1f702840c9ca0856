"""Smoke benchmark: 1000 local feeds of about 36 KB, polled for the first time, then all 304.

    python -m benchmarks.smoke [--feeds 1000]

A server process of its own answers on distinct loopback addresses. Figures are CPU seconds
(user + system) of `aggregator poll --all` from its start to the end of its last process, parsing
processes and the database included; the number of stored articles is checked against what was
served. Bytecode is compiled beforehand, as an installation has it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.processes import installed, run_to_the_end

WORDS = "river council bridge market hearing report station harbour budget weather singer minister".split()  # noqa: SIM905
ENTRIES = 20


def make_feed(number: int) -> bytes:
    """Return an RSS 2.0 document of 20 entries and about 36 KB."""
    chance = random.Random(number)
    items = []
    for index in range(ENTRIES):
        text = " ".join(chance.choices(WORDS, k=188))
        title = " ".join(chance.choices(WORDS, k=8)).capitalize()
        when = formatdate(1_780_000_000 - index * 7200 - number, usegmt=True)
        items.append(
            f"<item><title>{title}</title><link>http://site{number}.example/{index}</link>"
            f'<guid isPermaLink="false">{number}-{index}</guid><pubDate>{when}</pubDate>'
            f"<description>{text[:150]}</description>"
            f"<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded></item>"
        )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Site {number}</title><link>http://site{number}.example/</link>{''.join(items)}"
        "</channel></rss>"
    ).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers /N.xml with feed N, 304 to its ETag."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        number = int(self.path.strip("/").removesuffix(".xml"))
        etag = f'"feed-{number}"'
        same = self.headers.get("If-None-Match") == etag
        body = b"" if same else make_feed(number)
        self.send_response(304 if same else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/rss+xml")
        if not same:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve(pipe: Connection) -> None:
    """Serve until killed; the port goes through the pipe."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    server.daemon_threads = True
    server.request_queue_size = 1024
    pipe.send(server.server_address[1])
    server.serve_forever()


def poll(config: Path, *, everything: bool = True) -> tuple[float, float, str]:
    """Poll once; return CPU seconds of all processes, wall seconds and what the command said."""
    command = [sys.executable, "-m", "aggregator", "--config", str(config), "poll"]
    command += ["--all"] if everything else []
    return run_to_the_end(command, installed())


def compile_all(folder: Path) -> None:
    """Have every module that polling imports compiled: poll one feed that is a file."""
    (folder / "one.xml").write_bytes(make_feed(0))
    config = folder / "warm.yaml"
    config.write_text(f"database: sqlite:///warm.db\nsources:\n  - file: {folder}/one.xml\n")
    command = [sys.executable, "-m", "aggregator", "--config", str(config), "poll", "--all"]
    subprocess.run(command, check=True, capture_output=True, env=installed())


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    count = parser.parse_args().feeds
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "smoke.yaml")
        sources = "".join(
            f"  - url: http://127.1.{n // 250}.{n % 250 + 1}:{port}/{n}.xml\n    name: s{n}\n"
            for n in range(count)
        )
        config.write_text(
            'database: sqlite:///smoke.db\nfetch: {allow_private: ["127.0.0.0/8"]}\n'
            f'feeds: {{all: {{query: ""}}}}\nsources:\n{sources}'
        )
        compile_all(Path(folder))
        cold = poll(config)
        same = poll(config)
        idle = poll(config, everything=False)
        kilobytes = len(make_feed(0)) / 1000
    server.kill()
    result = {
        "feeds": count,
        "entries": count * ENTRIES,
        "kilobytes_each": round(kilobytes, 1),
        "first": {"cpu_s": round(cold[0], 2), "wall_s": round(cold[1], 2), "said": cold[2]},
        "all_304": {"cpu_s": round(same[0], 2), "wall_s": round(same[1], 2), "said": same[2]},
        "nothing_due": {"cpu_s": round(idle[0], 2), "wall_s": round(idle[1], 2), "said": idle[2]},
        "asked": {"first_cpu_s": 30, "all_304_cpu_s": 3},
        "load": os.getloadavg()[0],
    }
    print(json.dumps(result, indent=2))
    assert f"{count * ENTRIES} new articles" in cold[2], cold[2]


if __name__ == "__main__":
    main()
