"""`python -m tests.fuzz`: inputs without end for everything that reads what others wrote.

Ends at the first surprise. Prints the seed first, so that a run can be repeated, and what was tried at
the end. An input that takes longer than HANG_S counts as a hang.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sys
import time

from tests.fuzz.feeding import TARGETS, feed_one

#: seconds for one input
HANG_S = 20


def main() -> None:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="inputs in all, shared by the targets")
    parser.add_argument("--seed", type=int, default=0, help="0: any")
    parser.add_argument("--from", dest="start", type=int, default=0, help="number of the first input")
    parser.add_argument("--target", choices=list(TARGETS), help="only this one")
    asked = parser.parse_args()
    seed = asked.seed or random.SystemRandom().randrange(1, 10**9)
    names = [asked.target] if asked.target else list(TARGETS)
    print(f"seed {seed}, {asked.count} inputs for {', '.join(names)}", flush=True)
    for name in names:
        began, slowest, taken = time.monotonic(), 0.0, 0
        numbers = range(asked.start, asked.start + max(1, asked.count // len(names)))
        for number in numbers:
            faulthandler.dump_traceback_later(HANG_S, exit=True)
            at = time.monotonic()
            taken += feed_one(name, seed, number)
            slowest = max(slowest, time.monotonic() - at)
        faulthandler.cancel_dump_traceback_later()
        seconds = time.monotonic() - began
        worst = f"slowest {slowest * 1000:.0f} ms, {seconds:.0f} s in all"
        print(f"{name:14} {len(numbers):8} inputs, {taken} taken in, {worst}", flush=True)
    print(f"no crash, no hang; seed {seed}", file=sys.stderr)


main()
