"""What `aggregator doctor` asks of the machine: names, the way out, clock, certificates, port, disk.

A configuration flows in, findings flow out. Three sources at most are fetched once; nothing is stored.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.cli.trying import fetch_source
from aggregator.model import Configuration, Failed, FailureKind, Fetched, Source, Web

#: less free space than this, in bytes, ends badly soon
LITTLE_SPACE = 500_000_000
#: a clock that differs by more than this from what servers say is wrong
WRONG = timedelta(minutes=5)
#: hosts that are asked: one may be down, three rarely are
ASKED = 3
FILE = "sqlite:///"
SET_CLOCK = "set the clock (timedatectl set-ntp true): polls, dates and TLS go by it"
_ADVICE = {
    FailureKind.REFUSED: "addresses of your own network are allowed by `fetch.allow_private`",
    FailureKind.DNS: "is the network up, and /etc/resolv.conf right?",
    FailureKind.TLS: "is the clock right, and ca-certificates installed? `ca_file:` names more authorities",
    FailureKind.CONNECT: "is the network up, or does a firewall want a `proxy:`?",
    FailureKind.TIMEOUT: "is the network up, or does a firewall want a `proxy:`?",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    is_well: bool
    what: str
    #: what to do; empty when all is well or *what* says it
    advice: str = ""


def look_at_machine(configuration: Configuration) -> Iterator[Finding]:
    """Yield what was found out about everything but the store."""
    yield from _look_outside(configuration)
    yield _look_at_certificates()
    yield _look_at_port(configuration.web)
    if configuration.database.startswith(FILE):
        yield _look_at_disk(Path(configuration.database.removeprefix(FILE)).parent)


def _look_outside(configuration: Configuration) -> Iterator[Finding]:
    hosts: dict[str, Source] = {}
    for source in configuration.sources:
        if (host := urlsplit(source.url).hostname) and len(hosts) < ASKED:
            hosts.setdefault(host, source)
    outcomes = dict(zip(hosts, asyncio.run(_ask(configuration, hosts)), strict=True))
    silent = {h: o for h, o in outcomes.items() if isinstance(o, Failed) and o.kind in _ADVICE}
    if heard := [host for host in hosts if host not in silent]:
        yield Finding(True, f"network: {heard[0]} answers")
    elif silent:
        said = next(iter(silent.values()))
        yield Finding(False, f"network: no word from {', '.join(silent)}: {said.reason}", _ADVICE[said.kind])
    yield _look_at_clock({h: o.headers for h, o in outcomes.items() if isinstance(o, Fetched)})


async def _ask(configuration: Configuration, hosts: Mapping[str, Source]) -> list[object]:
    return await asyncio.gather(*(fetch_source(configuration, source) for source in hosts.values()))


def _look_at_clock(heard: Mapping[str, Mapping[str, str]]) -> Finding:
    """Compare our clock with what servers say; a wrong one is wrong beside all of them."""
    now = datetime.now(UTC)
    told = {host: at for host, headers in heard.items() if (at := _time_of(headers))}
    what = f"clock: {now:%Y-%m-%d %H:%M} UTC"
    if not told:
        return Finding(True, f"{what}; no server says whether that is right")
    host = min(told, key=lambda host: abs(told[host] - now))
    if abs(told[host] - now) > WRONG:
        return Finding(False, f"{what}, but {host} says {told[host]:%Y-%m-%d %H:%M}", SET_CLOCK)
    return Finding(True, f"{what}, as {host} says")


def _time_of(headers: Mapping[str, str]) -> datetime | None:
    """Return when an answer was sent: Date (RFC 9110 §6.6.1) and the time in caches (RFC 9111 §5.1)."""
    try:
        made = parsedate_to_datetime(headers.get("date", ""))
        return made.astimezone(UTC) + timedelta(seconds=int(headers.get("age", "0")))
    except (ValueError, OverflowError):
        return None


def _look_at_certificates() -> Finding:
    count = ssl.create_default_context().cert_store_stats()["x509_ca"]
    folder = ssl.get_default_verify_paths().capath
    if count or (folder and os.listdir(folder)):  # a folder's are read when they are needed
        return Finding(True, f"certificates: {count or 'a folder of'} authorities")
    advice = "install ca-certificates: without, no https source can be trusted"
    return Finding(False, "certificates: no authorities", advice)


def _look_at_port(web: Web) -> Finding:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.host, web.host)
    try:
        socket.create_connection((host, web.port), timeout=2).close()
        said = "answers"
    except OSError:  # refused, or no such host
        said = "is free, nothing serves there now"
    return Finding(True, f"web: {web.host}:{web.port} {said}")


def _look_at_disk(folder: Path) -> Finding:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    advice = "make room: a full disk stops every poll" if free < LITTLE_SPACE else ""
    return Finding(not advice, f"disk: {free / 1e9:.1f} GB free in {there}", advice)
