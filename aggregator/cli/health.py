"""What `aggregator doctor` looks at: one finding a part, each with what to do about it."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.cli.context import Session
from aggregator.errors import AggregatorError, ConfigurationError
from aggregator.store.engine import Engine, reading
from aggregator.store.integrity import find_damage
from aggregator.store.sources.states import list_states

#: less free space than this, in bytes, ends badly soon
LITTLE_SPACE = 500_000_000
#: no poll for so long, although sources are due: no worker runs
SILENCE = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    is_well: bool
    what: str
    #: what to do; empty when all is well
    advice: str = ""


def examine(session: Session) -> list[Finding]:
    """Look at everything; a part that cannot be looked at is a finding, never an exception."""
    try:
        configuration = session.loaded.configuration
    except ConfigurationError as error:
        count = len(error.problems)
        return [Finding(False, f"configuration: {count} problems", "`aggregator check` lists them")]
    findings = [Finding(True, f"configuration: {session.loaded.path}")]
    findings += _look_at_names([source.url for source in configuration.sources])
    findings.append(_look_at_certificates())
    findings.append(_look_at_port(configuration.web.host, configuration.web.port))
    try:
        findings += _look_at_store(session.engine)
    except AggregatorError as error:
        findings.append(Finding(False, f"database: {error}", "see the message"))
    return findings


def _look_at_store(engine: Engine) -> Iterator[Finding]:
    if engine.dialect.name == "sqlite":
        yield _look_at_disk(Path(str(engine.url.database)).parent)
    damage = find_damage(engine)
    advice = "stop everything, keep the file, and `aggregator restore` your last backup" if damage else ""
    yield Finding(not damage, f"database: {damage or 'sound'}", advice)
    with reading(engine) as connection:
        states = [state for state in list_states(connection) if state.is_configured]
    polls = [state.last_poll for state in states if state.last_poll]
    yield _look_at_clock(max(polls, default=None))
    yield _look_at_worker(max(polls, default=None), [s.next_poll for s in states if s.next_poll])
    well = sum(state.state == "ok" for state in states)
    is_bad = bool(polls) and not well
    advice = "`aggregator status` says why; is this machine's network up?" if is_bad else ""
    yield Finding(not is_bad, f"sources: {well} of {len(states)} well", advice)


def _look_at_disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    advice = "make room: a full disk stops every poll" if free < LITTLE_SPACE else ""
    return Finding(not advice, f"disk: {free / 1e9:.1f} GB free in {folder}", advice)


def _look_at_clock(last_poll: datetime | None) -> Finding:
    now = datetime.now(UTC)
    if now.year < 2025:
        return Finding(False, f"clock: {now:%Y-%m-%d}", "set the clock (timedatectl set-ntp true)")
    if last_poll and last_poll > now + timedelta(minutes=5):
        wrong = f"clock: {now:%Y-%m-%d %H:%M} UTC, but a poll ended at {last_poll:%Y-%m-%d %H:%M}"
        return Finding(False, wrong, "it was wrong then or is wrong now; set it (timedatectl set-ntp true)")
    return Finding(True, f"clock: {now:%Y-%m-%d %H:%M} UTC")


def _look_at_worker(last_poll: datetime | None, due: list[datetime]) -> Finding:
    now = datetime.now(UTC)
    overdue = sum(at < now - SILENCE for at in due)
    if overdue:
        last = f"{last_poll:%Y-%m-%d %H:%M}" if last_poll else "never"
        what = f"worker: {overdue} sources are overdue, last poll {last}"
        return Finding(False, what, "start `aggregator run` or `aggregator worker`, or read its log")
    return Finding(True, "worker: nothing is overdue")


def _look_at_names(urls: list[str]) -> Iterator[Finding]:
    hosts = sorted({urlsplit(url).hostname or "" for url in urls} - {""})
    if not hosts:
        return
    for host in hosts[:3]:
        try:
            socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            continue
        yield Finding(True, f"names: {host} has an address")
        return
    advice = "is the network up, and /etc/resolv.conf right?"
    yield Finding(False, f"names: none of {', '.join(hosts[:3])} has an address", advice)


def _look_at_certificates() -> Finding:
    count = ssl.create_default_context().cert_store_stats()["x509_ca"]
    paths = ssl.get_default_verify_paths()
    has_any = bool(count or paths.capath)
    advice = "" if has_any else "install ca-certificates: no https source can be trusted without"
    return Finding(has_any, f"certificates: {count} authorities loaded", advice)


def _look_at_port(host: str, port: int) -> Finding:
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.settimeout(2)
        answers = probe.connect_ex((host if host not in {"0.0.0.0", "::"} else "localhost", port)) == 0
    return Finding(
        True, f"web: {host}:{port} {'answers' if answers else 'is free, nothing serves there now'}"
    )
