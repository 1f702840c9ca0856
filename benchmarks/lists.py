"""What a long list of sources costs: the first time, unchanged, and changed by one.

    python -m benchmarks.lists [--sources 100000]

An OPML file on one side, an SQLite file on the other. Told are processor seconds of reading the
list and putting it in force, the longest transaction in which others wait for it, and of `aggregator status`
as a whole (the start of the program included).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from aggregator.config.load import load_configuration
from aggregator.pipeline.apply import put_in_force
from aggregator.pipeline.lists import complete
from aggregator.store.engine import Engine, open_engine
from aggregator.store.schema import migrate
from benchmarks.processes import installed


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sources", type=int, default=100_000)
    count = parser.parse_args().sources
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "lists.yaml"
        config.write_text("database: sqlite:///lists.db\nsources: [{opml: list.opml}]\n")
        engine = open_engine(f"sqlite:///{folder}/lists.db")
        migrate(engine)
        told: dict[str, object] = {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "load": round(os.getloadavg()[0], 1),
            "sources": count,
        }
        told["first"] = _apply(engine, config, count)
        told["unchanged"] = _apply(engine, config, count)
        told["changed by one"] = _apply(engine, config, count + 1)
        told["`status`, processor s"] = _status(config)
        print(json.dumps(told, indent=1))
        engine.dispose()


def _apply(engine: Engine, config: Path, count: int) -> dict[str, float]:
    lines = "".join(
        f'<outline type="rss" text="Boat {n}" xmlUrl="https://h{n % 5000}.example/{n}.xml"/>\n'
        for n in range(count)
    )
    (config.parent / "list.opml").write_text(
        f"<opml><body><outline text='Sea'>{lines}</outline></body></opml>"
    )
    begins: list[float] = []
    held: list[float] = []

    def begin(connection: object) -> None:
        begins.append(time.process_time())

    def end(connection: object) -> None:
        held.append(time.process_time() - begins[-1])

    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", end)
    start = time.process_time()
    now = datetime.now(UTC)
    put_in_force(engine, complete(engine, load_configuration(config, {}), now), now)
    spent = time.process_time() - start
    event.remove(engine, "begin", begin)
    event.remove(engine, "commit", end)
    return {"all, s": round(spent, 2), "longest transaction, s": round(max(held, default=0.0), 2)}


def _status(config: Path) -> float:
    """Return what a second call takes, when bytecode is at hand."""
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "aggregator", "--config", str(config), "status"]
        subprocess.run(command, capture_output=True, env=installed(), check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2)


if __name__ == "__main__":
    main()
