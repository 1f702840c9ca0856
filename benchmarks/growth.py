"""How costs grow with the archive: the figures of benchmarks.store at several sizes, side by side.

    python -m benchmarks.growth [--sizes 10000,100000] [--sources 1000] [--database URL …]

Each size fills an empty database of its own. Figures are medians in milliseconds, of processor time
on SQLite and on the wall for a server; "growth" is the
figure at the largest size divided by the one at the smallest, so that a flat cost is 1. A database
given by URL must be empty, and takes one size only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from aggregator.store.engine import migrate, open_engine
from benchmarks.store import measure, use_timer


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", help="stored articles, separated by commas")
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--database", help="URL of an empty database; default: new SQLite files")
    parser.add_argument("--repeat", type=int, default=9)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    if options.database and len(sizes) > 1:
        parser.error("--database takes one size")
    curves = {size: _figures(size, options) for size in sizes}
    names = curves[sizes[0]]
    table = {name: {str(size): round(curves[size][name], 3) for size in sizes} for name in names}
    for name, row in table.items():
        if names[name]:
            row["growth"] = round(curves[sizes[-1]][name] / names[name], 2)
    head = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "load": [round(x, 1) for x in os.getloadavg()],
        "sources": options.sources,
    }
    print(json.dumps(head | {"figures": table}, indent=1))


def _figures(size: int, options: argparse.Namespace) -> dict[str, float]:
    random.seed(7)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "growth.db")
        engine = open_engine(options.database or f"sqlite:///{path}")
        migrate(engine)
        use_timer(options.database)
        measure(engine, size, options.sources, options.repeat, figures)
        if not options.database:
            figures["bytes an article"] = path.stat().st_size / size
        engine.dispose()
    return figures


if __name__ == "__main__":
    main()
