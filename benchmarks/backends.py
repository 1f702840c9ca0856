"""What fetching alone costs: our client on asyncio and on uvloop, and libcurl, on the same servers.

    python -m benchmarks.backends [--hosts 1000] [--rounds 3]

nginx serves one document of 40 kB on each loopback address, plain and with TLS, with validators and
gzip. Each backend runs in a process of its own and asks every host once for the whole document, then
once conditionally. Figures are CPU seconds (user and system) of that process without its imports,
medians of the rounds. What is not installed is left out: libcurl needs `pip install pycurl`.

libcurl is measured with the same guard as ours, which judges each address as its socket is opened, and
with decoding, limits on size and time, and the header fields a poll needs; without our redirect walk,
turns per host, and named errors.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import importlib.util
import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aggregator.http.addresses import parse_allow_list, refusal
from aggregator.http.client import Client
from aggregator.http.shape import RequestShape
from aggregator.model import FetchSettings
from benchmarks.origin import is_installed, serving
from benchmarks.processes import installed
from benchmarks.smoke import make_feed

BACKENDS = {"aiohttp": None, "aiohttp on uvloop": "uvloop", "libcurl": "pycurl"}
CONCURRENCY = 64
LIMIT = 10_000_000


def hosts(count: int) -> list[str]:
    """Return *count* loopback addresses."""
    return [f"127.3.{number // 250}.{number % 250 + 1}" for number in range(count)]


async def ask_all(urls: Sequence[str], etag: str | None) -> tuple[int, int]:
    """Ask every URL with our client; return how many answered 200 and 304."""
    settings = FetchSettings(allow_private=("127.0.0.0/8",), concurrency=CONCURRENCY)
    headers = (("If-None-Match", etag),) if etag else ()
    statuses: list[int] = []
    waiting = iter(urls)
    async with Client(settings, user_agent="benchmark") as client:

        async def work() -> None:
            for url in waiting:
                answer = await client.request(
                    "GET", url, headers=headers, shape=RequestShape(insecure_tls=True)
                )
                assert answer.status == 304 or len(answer.body) > 30_000
                statuses.append(answer.status)

        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    return statuses.count(200), statuses.count(304)


class Curl:
    """The same with libcurl's multi interface."""

    def __init__(self, urls: Sequence[str], etag: str | None) -> None:
        import pycurl

        self._curl: Any = pycurl
        self._allow = parse_allow_list(["127.0.0.0/8"])
        self._fields = ["If-None-Match: " + etag] if etag else []
        self._waiting = iter(urls)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, CONCURRENCY)
        self._bodies: dict[Any, list[bytes]] = {}
        self.statuses: list[int] = []

    def run(self) -> tuple[int, int]:
        """Ask every URL; return how many answered 200 and 304."""
        for _ in range(CONCURRENCY):
            self._next(self._curl.Curl())
        while self._bodies:
            self._multi.select(1.0)
            self._multi.perform()
            while True:
                left, done, failed = self._multi.info_read()
                assert not failed, failed[0][2]
                for handle in done:
                    self._take(handle)
                if not left:
                    break
        return self.statuses.count(200), self.statuses.count(304)

    def _next(self, handle: Any) -> None:
        url = next(self._waiting, None)
        if url is None:
            return
        curl = self._curl
        parts = self._bodies[handle] = []
        handle.setopt(curl.URL, url)
        handle.setopt(curl.WRITEFUNCTION, parts.append)
        handle.setopt(curl.HEADERFUNCTION, lambda line: None)
        handle.setopt(curl.HTTPHEADER, ["User-Agent: benchmark", "Accept: */*", *self._fields])
        handle.setopt(curl.ACCEPT_ENCODING, "")
        handle.setopt(curl.OPENSOCKETFUNCTION, self._open)
        handle.setopt(curl.SSL_VERIFYPEER, 0)
        handle.setopt(curl.SSL_VERIFYHOST, 0)
        handle.setopt(curl.TIMEOUT, 30)
        handle.setopt(curl.MAXFILESIZE, LIMIT)
        handle.setopt(curl.NOSIGNAL, 1)
        self._multi.add_handle(handle)
        self._multi.perform()

    def _open(self, _purpose: int, address: Any) -> Any:
        import socket

        family, kind, protocol, place = address
        if refusal(place[0], place[1], self._allow) is not None:
            return self._curl.SOCKET_BAD
        return socket.socket(family, kind, protocol)

    def _take(self, handle: Any) -> None:
        status = handle.getinfo(self._curl.RESPONSE_CODE)
        body = b"".join(self._bodies.pop(handle))
        assert status == 304 or len(body) > 30_000
        self.statuses.append(status)
        self._multi.remove_handle(handle)
        self._next(handle)


def one(backend: str, urls: Sequence[str], etag: str | None) -> float:
    """Run one backend in this process; return its CPU seconds."""
    # everything is imported and every table made before the clock starts
    _run(backend, urls[:1], None)
    began = time.process_time()
    counts = _run(backend, urls, etag)
    spent = time.process_time() - began
    assert counts == ((0, len(urls)) if etag else (len(urls), 0)), counts
    return spent


def _run(backend: str, urls: Sequence[str], etag: str | None) -> tuple[int, int]:
    if backend == "libcurl":
        return Curl(urls, etag).run()
    if backend == "aiohttp":
        return asyncio.run(ask_all(urls, etag))
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(ask_all(urls, etag))


def prepare(folder: Path, addresses: Sequence[str]) -> None:
    """Write the document for every host."""
    body = make_feed(0)
    for address in addresses:
        (folder / "www" / address).mkdir(parents=True)
    for place in (folder / "www", *(folder / "www" / address for address in addresses)):
        (place / "feed.xml").write_bytes(body)
        (place / "feed.xml.gz").write_bytes(gzip.compress(body, 6, mtime=0))
        for name in ("feed.xml", "feed.xml.gz"):
            os.utime(place / name, (1_780_000_000, 1_780_000_000))


def etag_of(url: str) -> str:
    """Ask once; return the ETag of the answer in the coding that all backends ask for."""
    from urllib.request import Request, urlopen

    request = Request(url, headers={"Accept-Encoding": "gzip"})
    with urlopen(request, context=ssl._create_unverified_context()) as answer:
        return str(answer.headers["ETag"])


def measure(folder: Path, count: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return the CPU seconds of each backend by kind of request."""
    addresses = hosts(count)
    prepare(folder, addresses)
    there = [name for name, needs in BACKENDS.items() if needs is None or importlib.util.find_spec(needs)]
    found: dict[str, dict[str, float]] = {name: {} for name in there}
    with serving(folder) as port:
        for scheme, at in (("http", port), ("https", port + 1)):
            urls = [f"{scheme}://{address}:{at}/feed.xml" for address in addresses]
            etag = etag_of(urls[0])
            for kind, condition in (("200", ""), ("304", etag)):
                figures: dict[str, list[float]] = {name: [] for name in there}
                for _ in range(rounds):
                    for name in there:
                        figures[name].append(_apart(folder, name, urls, condition))
                for name in there:
                    found[name][f"{scheme} {kind}"] = round(statistics.median(figures[name]), 3)
    return found


def _apart(folder: Path, name: str, urls: Sequence[str], etag: str) -> float:
    """Run one backend in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.backends", "--one", name, "--etag", etag]
    done = subprocess.run(
        command, input="\n".join(urls), check=True, stdout=subprocess.PIPE, text=True, env=installed()
    )
    return float(done.stdout)


def main() -> None:
    """Print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--etag", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(one(options.one, sys.stdin.read().split(), options.etag))
        return
    if not is_installed():
        raise SystemExit("nginx is not installed: this benchmark needs it (Debian: nginx-light).")
    with tempfile.TemporaryDirectory() as name:
        figures = measure(Path(name), options.hosts, options.rounds)
    print(json.dumps({"hosts": options.hosts, "cpu_s": figures, "load": os.getloadavg()[0]}, indent=1))


if __name__ == "__main__":
    main()
