"""Whether a worker's memory stays what it is over many cycles.

    python -m benchmarks.lasting [--feeds 100] [--cycles 200]

One worker polls a small world again and again; before every fifth cycle an hour passes in it, before
the others nothing changes. For each tenth of the cycles, the peak of memory (PSS, with the reading
processes) and the median of processor seconds are printed. The hours bring articles, which stories
remember for some days: that is growth with an end, all other growth is a leak.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.cycles import Worker, again, check, cold
from benchmarks.origin import serving
from benchmarks.smoke import compile_all
from benchmarks.world import World

#: cycles from one hour of news to the next
HOUR = 5


def measure(folder: Path, feeds: int, cycles: int) -> dict[str, object]:
    """Poll *feeds* once and then *cycles* times; return the figures of each tenth."""
    world = World(folder, feeds)
    compile_all(folder)
    cpu: list[float] = []
    peaks: list[float] = []
    with serving(folder) as port:
        worker = Worker(folder, world, port, None)
        try:
            cold(worker)
            for number in range(cycles):
                if number % HOUR == 0:
                    world.advance()
                seconds, _, peak = again(worker)
                cpu.append(seconds)
                peaks.append(peak)
                print(number, round(seconds, 2), round(peak, 1), file=sys.stderr)
            errors = check(worker.engine, world)
        finally:
            worker.stop()
            worker.engine.dispose()
    tenth = max(1, cycles // 10)
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "feeds": feeds,
        "cycles": cycles,
        "peak_pss_mb": [round(max(peaks[i : i + tenth])) for i in range(0, cycles, tenth)],
        "cpu_s": [round(statistics.median(cpu[i : i + tenth]), 3) for i in range(0, cycles, tenth)],
        "errors": errors,
    }


def main() -> None:
    """Run the benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--cycles", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measure(Path(name), options.feeds, options.cycles), indent=1))


if __name__ == "__main__":
    main()
