"""What polling costs: a generated world polled for the first time, unchanged, and after an hour.

    python -m benchmarks.cycles [--feeds 1000] [--firsts 1] [--rounds 3] [--tls] [--peers PYTHON] [--sfeed]

nginx serves the world on one loopback address for each feed. A real `aggregator worker` polls it;
all sources are made due at once for each cycle. Figures are CPU seconds (user and system) of the
worker with its parsing processes, the database included, and the peak of their memory (PSS). The
stored entries are compared with the truth after each cycle: a figure with errors is no figure.
Peers are measured in the same run: `reader` in the given Python, `sfeed` where it is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, update

from aggregator.store.articles.listing import list_articles
from aggregator.store.engine import Engine, open_engine, reading, writing
from aggregator.store.sources.states import list_states
from aggregator.store.tables import sources
from benchmarks.origin import count_requests, is_installed, serving
from benchmarks.peers import PEERS, measure_peer
from benchmarks.processes import Peak, cpu_seconds, installed, pss_megabytes
from benchmarks.smoke import compile_all
from benchmarks.world import Post, World

#: a cycle that takes longer has failed
PATIENCE_S = 300
#: after the last poll, until what nothing is asked of is gone: readers and connections
RESTING_S = 65


@dataclass
class Cycle:
    """One cycle's figures."""

    name: str
    cpu_s: float
    wall_s: float
    requests: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)


class Worker:
    """A real worker on a database of its own."""

    def __init__(
        self, folder: Path, world: World, port: int, database: str | None, *, tls: bool = False
    ) -> None:
        self.config = folder / "cycles.yaml"
        urls = world.urls(port + 1, "https") if tls else world.urls(port)
        # nobody knows who signed the certificate of the world
        listed = "".join(f"  - {{url: {url}, insecure_tls: {str(tls).lower()}}}\n" for url in urls)
        self.database = database or f"sqlite:///{folder}/cycles.db"
        self.config.write_text(
            f"database: {self.database}\ndefaults: {{every: 1d, keep: 1y, initial_items: 50}}\n"
            'fetch: {allow_private: ["127.0.0.0/8"]}\n'
            f'topics:\n  music: {{title: Music, query: "music OR musique OR Musik"}}\n'
            f'feeds: {{all: {{query: ""}}}}\nsources:\n{listed}'
        )
        self.count = len(world.sites)
        self.engine: Engine
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start it; it polls at once what is due."""
        command = [sys.executable, "-m", "aggregator", "--config", str(self.config), "worker"]
        self.log = self.config.with_suffix(".log").open("ab")
        environment = installed()
        self.process = subprocess.Popen(command, stderr=self.log, stdout=self.log, env=environment)

    def stop(self) -> None:
        """End it in good order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.log.close()

    def empty(self) -> None:
        """Leave nothing in the database."""
        if self.engine.dialect.name == "postgresql":
            with writing(self.engine) as connection:
                connection.exec_driver_sql("DROP SCHEMA public CASCADE")
                connection.exec_driver_sql("CREATE SCHEMA public")
        self.engine.dispose()
        for file in self.config.parent.glob("cycles.db*"):
            file.unlink()

    def make_due(self) -> datetime:
        """Make every source due now; return the moment."""
        now = datetime.now(UTC)
        with writing(self.engine) as connection:
            connection.execute(update(sources).values(due_at=now, not_before=None))
        return now

    def await_polls(self, since: datetime) -> None:
        """Return when everything was polled after *since*."""
        deadline = time.monotonic() + PATIENCE_S
        query = select(func.count()).where(sources.c.last_poll >= since, sources.c.claim_token.is_(None))
        while time.monotonic() < deadline:
            with reading(self.engine) as connection:
                if connection.scalar(query) == self.count:
                    return
            assert self.process.poll() is None, "the worker ended"
            time.sleep(0.1)
        raise SystemExit("a cycle took too long")


def cold(worker: Worker) -> tuple[float, float, float]:
    """Start the worker on an empty database; return CPU and wall seconds, and peak megabytes."""
    worker.engine = open_engine(worker.database)
    began, since = time.monotonic(), datetime.now(UTC)
    worker.start()
    with Peak(worker.process.pid) as peak:
        _await_table(worker)
        worker.await_polls(since)
        wall = time.monotonic() - began
        time.sleep(1)
    return cpu_seconds(worker.process.pid), wall, peak.megabytes


def again(worker: Worker) -> tuple[float, float, float]:
    """Poll everything once more; return CPU and wall seconds, and peak megabytes."""
    before, began = cpu_seconds(worker.process.pid), time.monotonic()
    with Peak(worker.process.pid) as peak:
        worker.await_polls(worker.make_due())
        wall = time.monotonic() - began
        time.sleep(1)
    return cpu_seconds(worker.process.pid) - before, wall, peak.megabytes


def _await_table(worker: Worker) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with reading(worker.engine) as connection:
                if connection.scalar(select(func.count()).select_from(sources)):
                    return
        except Exception:
            pass
        time.sleep(0.2)
    raise SystemExit("the worker did not apply its configuration")


def check(engine: Engine, world: World) -> dict[str, int]:
    """Compare what is stored with what is true; return the number of errors of each kind."""
    with reading(engine) as connection:
        addresses = {
            state.source_id: state.source.url.split("/")[2].partition(":")[0]
            for state in list_states(connection)
        }
    rows: list[tuple[str, str, str, datetime | None, str]] = []
    last = 0
    while True:
        with reading(engine) as connection:
            page = list_articles(connection, after_id=last, limit=2000)
        if not page:
            return compare(world.truth(), rows)
        last = page[-1].id
        rows += [
            (
                addresses[x.source_id],
                x.entry.id,
                x.entry.title,
                x.entry.published or x.entry.updated,
                x.entry.content,
            )
            for x in page
        ]


def compare(
    truth: dict[str, dict[str, Post]], rows: list[tuple[str, str, str, datetime | None, str]]
) -> dict[str, int]:
    """Return the number of errors of each kind; rows are (address, id, title, published, html)."""
    errors = {"missing": 0, "twice": 0, "unknown": 0, "wrong title": 0, "wrong date": 0, "old text": 0}
    seen: set[tuple[str, str]] = set()
    for address, key, title, published, html in rows:
        post = truth[address].get(key)
        if post is None:
            errors["unknown"] += 1
            continue
        errors["twice"] += (address, key) in seen
        seen.add((address, key))
        errors["wrong title"] += title != post.title
        errors["wrong date"] += published != post.when
        errors["old text"] += post.mark not in html
    errors["missing"] = sum(len(posts) for posts in truth.values()) - len(seen)
    return {kind: count for kind, count in errors.items() if count}


class Run:
    """One run: the cycles of a worker on a world, each with those of the peers beside it."""

    def __init__(self, folder: Path, options: argparse.Namespace, port: int, world: World) -> None:
        self.folder = folder
        self.world = world
        self.worker = Worker(folder, world, port, options.database, tls=options.tls)
        self.cycles: list[Cycle] = []
        self.peaks: list[float] = []
        self.resting = self.start = 0.0
        urls = list(world.urls(port))
        self._peers = [peer(folder, urls, options) for peer in PEERS.values() if peer.is_there(options)]

    def measure(self, firsts: int, rounds: int) -> None:
        """Poll *firsts* times on an empty database, then go on with the last one, *rounds* of each cycle."""
        worker = self.worker
        try:
            for _ in range(firsts - 1):
                self._note("cold", cold(worker))
                worker.stop()
                worker.empty()
            self._note("cold", cold(worker))
            self._ask_peers("cold")
            for _ in range(rounds):
                self._note("all 304", again(worker))
            self._ask_peers("all 304")
            for _ in range(rounds):
                self.world.advance()
                self._note("typical", again(worker))
            self._ask_peers("typical")
            time.sleep(RESTING_S)
            self.resting = pss_megabytes(worker.process.pid)
        finally:
            worker.stop()
        self.start = _start_up(worker)
        worker.engine.dispose()

    def _note(self, name: str, figures: tuple[float, float, float]) -> None:
        cpu, wall, peak = figures
        errors = check(self.worker.engine, self.world)
        self.cycles.append(Cycle(name, round(cpu, 2), round(wall, 1), count_requests(self.folder), errors))
        self.peaks.append(peak)
        print(self.cycles[-1], round(peak), file=sys.stderr)

    def _ask_peers(self, name: str) -> None:
        for peer in self._peers:
            cycle = Cycle(f"{peer.name} {name}", *measure_peer(peer), count_requests(self.folder))
            cycle.errors = compare(self.world.truth(), peer.rows())
            self.cycles.append(cycle)
            print(cycle, file=sys.stderr)


def measure(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Run every cycle; return the result."""
    world = World(folder, options.feeds)
    size = sum(path.stat().st_size for path in folder.glob("www/*/feed.xml"))
    made = sum(len(site.posts) for site in world.sites)
    _compile(folder)
    with serving(folder) as port:
        run = Run(folder, options, port, world)
        run.measure(options.firsts, options.rounds)
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load": [round(x, 1) for x in os.getloadavg()],
        "feeds": options.feeds,
        "entries": made,
        "megabytes": round(size / 1e6, 1),
        "tls": options.tls,
        "database": "sqlite" if not options.database else options.database.split(":")[0],
        "cpu_s": _medians(run.cycles, "cpu_s"),
        "wall_s": _medians(run.cycles, "wall_s"),
        "peak_pss_mb": round(max(run.peaks)),
        "resting_pss_mb": round(run.resting),
        "start_up_cpu_s": round(run.start, 2),
        "errors": {cycle.name: cycle.errors for cycle in run.cycles if cycle.errors},
        "cycles": [asdict(cycle) for cycle in run.cycles],
    }


def _compile(folder: Path) -> None:
    """Have every module compiled that a worker and its parsing processes import."""
    warm = folder / "warm"
    warm.mkdir()
    compile_all(warm)
    log = warm / "worker.log"
    command = [sys.executable, "-m", "aggregator", "--config", str(warm / "warm.yaml"), "worker"]
    with log.open("wb") as said:
        process = subprocess.Popen(command, stderr=said, stdout=said, env=installed())
        while b"worker ready" not in log.read_bytes():
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        process.terminate()
        process.wait(30)


def _start_up(worker: Worker) -> float:
    """Return the CPU seconds of a start with nothing due, until the worker is ready."""
    log = worker.config.with_suffix(".log")

    def ready() -> int:
        return log.read_text("utf-8", "replace").count("worker ready")

    before = ready()
    worker.start()
    try:
        deadline = time.monotonic() + 60
        while ready() == before and time.monotonic() < deadline:
            time.sleep(0.05)
        return cpu_seconds(worker.process.pid)
    finally:
        worker.stop()


def _medians(cycles: list[Cycle], figure: str) -> dict[str, float]:
    names = dict.fromkeys(cycle.name for cycle in cycles)
    figures = {name: [getattr(cycle, figure) for cycle in cycles if cycle.name == name] for name in names}
    return {name: round(statistics.median(of_name), 2) for name, of_name in figures.items()}


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--firsts", type=int, default=1, help="first polls, each on an empty database")
    parser.add_argument("--rounds", type=int, default=3, help="of the cycles after the first one")
    parser.add_argument("--database", help="URL of an empty database; default: a new SQLite file")
    parser.add_argument("--tls", action="store_true", help="ask over TLS; not for peers")
    parser.add_argument("--peers", metavar="PYTHON", help="a Python that has `reader` installed")
    parser.add_argument("--sfeed", action="store_true", help="measure sfeed too")
    parser.add_argument("--keep", type=Path, help="a folder to leave world and database in")
    options = parser.parse_args()
    if not is_installed():
        raise SystemExit("nginx is not installed: this benchmark needs it (Debian: nginx-light).")
    if options.keep:
        options.keep.mkdir(parents=True)
        result = measure(options.keep, options)
    else:
        with tempfile.TemporaryDirectory() as name:
            result = measure(Path(name), options)
    print(json.dumps(result, indent=1))
    if result["errors"]:
        raise SystemExit("stored entries differ from the truth")


if __name__ == "__main__":
    main()
