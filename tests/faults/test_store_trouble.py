"""The database locked, full, read-only, damaged, too new, gone: said by name, waited for, and never lost."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aggregator.store.schema import steps
from tests.faults.conftest import long_only
from tests.faults.station import SOURCES, Station, child_of, kill
from tests.running import aggregator, environment, wait_until


def database(station: Station) -> Path:
    return station.folder / "faults.db"


@long_only
def test_another_writer_that_holds_the_lock_is_waited_for(station: Station) -> None:
    with station.appending(), station.running() as program:
        wait_until(lambda: station.look(program.get("/feeds/all.atom")[2]), what="the first articles")
        other = sqlite3.connect(database(station), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        # longer than any statement waits
        wait_until(lambda: "outcome=away" in station.tail(), timeout_s=40, what="the complaint")
        assert program.get("/feeds/all.atom")[0] == 200
        assert program.get("/status")[0] == 200
        other.execute("ROLLBACK")
        other.close()
        late = station.append(0)
        wait_until(lambda: late in station.look(program.get("/feeds/all.atom")[2]), what=late)
        station.settle(program)
    station.judge()
    assert not station.surprises()
    assert station.tail(10**6).count("outcome=away") <= 4


def test_a_full_disk_is_waited_for(station: Station) -> None:
    with station.running() as program:
        station.settle(program)
        worker = child_of(program, "worker")
        unlimited = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        # as a full disk: no file of this process may grow any more
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
        missed = [station.append(source) for source in (0, 1, 2, 3) for _ in range(3)]
        wait_until(lambda: "outcome=away" in station.tail(), timeout_s=40, what="the complaint")
        assert program.get("/feeds/all.atom")[0] == 200
        resource.prlimit(worker, resource.RLIMIT_FSIZE, unlimited)
        station.settle(program)
        assert missed[-1] in station.look(program.get("/feeds/all.atom")[2])
        assert child_of(program, "worker") == worker
    station.judge()
    assert not station.surprises()


def test_a_second_worker_on_one_file_refuses_while_other_commands_share_it(station: Station) -> None:
    with station.appending(), station.running() as program:
        done = aggregator(station.config, "worker", code=1)
        assert "a worker already runs" in done.stderr
        assert "Traceback" not in done.stderr
        aggregator(station.config, "poll", "--all")
        aggregator(station.config, "status")
        station.settle(program)
    station.judge()
    assert not station.surprises()


@long_only
@pytest.mark.parametrize("is_new", [True, False], ids=["no file yet", "a file"])
def test_a_read_only_database_is_said_in_one_sentence(station: Station, is_new: bool) -> None:
    if not is_new:
        aggregator(station.config, "poll", "--all")
    with read_only(station.folder) as prefix:
        for command in (["run"], ["web"], ["worker"], ["poll", "--all"], ["status"]):
            words = [*prefix, sys.executable, "-m", "aggregator", "--config", str(station.config), *command]
            done = subprocess.run(
                words, capture_output=True, text=True, timeout=60, check=False, env=environment()
            )
            assert done.returncode == 1, (command, done.stderr)
            assert "read-only" in done.stderr or "may this user write there" in done.stderr, done.stderr
            assert "Traceback" not in done.stderr
    aggregator(station.config, "poll", "--all")
    station.judge()


@long_only
@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small disk")
def test_a_disk_that_is_full_is_seen_and_what_only_looks_goes_on(station: Station) -> None:
    small = station.folder / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "small", str(small)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("root may not mount here")
    text = station.config.read_text("utf-8")
    station.config.write_text(text.replace("faults.db", "small/faults.db"), "utf-8")
    try:
        with station.running() as program:
            station.settle(program)
            fill(small / "rest")
            missed = [station.append(source) for source in range(SOURCES)]
            assert program.get("/readyz")[::2] == (
                503,
                f"the disk that holds {small / 'faults.db'} is full; make room\n".encode(),
            )
            assert program.get("/healthz")[0] == program.get("/feeds/all.atom")[0] == 200
            wait_until(lambda: "outcome=away" in station.tail(), what="the complaint")
            for command in ("status", "sources", "articles", "held", "hosts"):
                aggregator(station.config, command)
            assert "nothing is stored now" in aggregator(station.config, "status").stderr
            kill(child_of(program, "worker"))
            program.process.wait(30)
        with station.running() as program:  # it starts on the full disk, and waits
            assert program.get("/readyz")[0] == 503
            (small / "rest").unlink()
            wait_until(
                lambda: set(missed) <= station.look(program.get("/feeds/all.atom")[2]), what="the missed"
            )
            station.settle(program)
        station.judge()
        assert not station.surprises()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def fill(path: Path) -> None:
    """Write until there is no room left."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


@contextmanager
def read_only(folder: Path) -> Iterator[list[str]]:
    """Make a folder read-only; yield the words before a command for which it is."""
    if os.getuid() == 0:  # to root nothing is read-only but a read-only mount
        script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
        words = ["unshare", "--mount", "sh", "-c", script, str(folder)]
        if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False).returncode:
            pytest.skip("root may not mount here")
        yield words
        return
    changed = [folder, *folder.glob("faults.db*")]
    modes = [path.stat().st_mode for path in changed]
    for path, mode in zip(changed, modes, strict=True):
        path.chmod(mode & ~0o222)
    try:
        yield []
    finally:
        for path, mode in zip(changed, modes, strict=True):
            path.chmod(mode)


@long_only
def test_a_database_of_a_later_release_is_refused_and_left_as_it_is(station: Station) -> None:
    aggregator(station.config, "poll", "--all")
    with sqlite3.connect(database(station)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for command in (["worker"], ["articles"]):
        done = aggregator(station.config, *command, code=1)
        assert "later release" in done.stderr
        assert "Traceback" not in done.stderr
    with sqlite3.connect(database(station)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (steps()[-1],))
    connection.close()
    station.judge()


@long_only
def test_a_truncated_database_is_named_and_a_backup_brings_everything_back(station: Station) -> None:
    aggregator(station.config, "poll", "--all")
    station.judge()
    backup = station.folder / "paper.backup"
    aggregator(station.config, "backup", str(backup))
    late = station.append(1)
    aggregator(station.config, "poll", "--all")
    station.judge()
    path = database(station)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    for command in (["articles"], ["run"]):
        done = aggregator(station.config, *command, code=1)
        assert "damaged" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
    for leftover in station.folder.glob("faults.db*"):
        leftover.unlink()
    aggregator(station.config, "restore", str(backup))
    # the backup does not know it: it is read again, and was first seen later now
    del station.published[late]
    aggregator(station.config, "poll", "--all")
    station.judge()
