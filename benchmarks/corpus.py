"""Compare our reading with other projects' expected values: ``make corpus``.

Prints agreement per field and every disagreement with its reason, then reads every file of
the corpus and a number of mutated ones: nothing but a ParseError may escape, and nothing may
hang. Expected values that contradict a standard stand in docs/reading.md and in deviations.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from aggregator.errors import ParseError
from aggregator.parse.document import parse_document
from benchmarks.deviations import reason_for
from benchmarks.expectations import load_expected, load_files
from benchmarks.verdicts import judge

FIELDS = (
    *("count", "id", "title", "link", "published", "updated", "authors", "categories", "enclosures", "body"),
    *("language", "source", "feed title", "feed link", "feed other"),
)


def report(corpus: Path, *, show: bool) -> int:
    """Print agreement per field; return the number of disagreements without a reason."""
    agreed: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    missed: dict[str, list[str]] = defaultdict(list)
    for expected in load_expected(corpus):
        for field, value, ours, is_equal in judge(expected):
            if is_equal:
                agreed[field] += 1
                continue
            reason = reason_for(expected.origin, expected.file, field)
            line = f"{field}: {expected.origin}/{expected.file}"
            line += f"\n    expected {value!r:.300}\n    ours     {ours!r:.300}"
            if reason:
                explained[field] += 1
                line += f"\n    reason   {reason}"
            else:
                missed[field].append(line)
            if show:
                print(line)
    print(f"{'field':12} {'agree':>6} {'of':>6} {'percent':>8}  {'explained':>9}  of what can be had")
    for field in FIELDS:
        total = agreed[field] + explained[field] + len(missed[field])
        had = agreed[field] + len(missed[field])
        if total:
            print(
                f"{field:12} {agreed[field]:6} {total:6} {agreed[field] / total:8.2%}  {explained[field]:9}"
                f"  {agreed[field] / had if had else 1:.2%}"
            )
    return sum(map(len, missed.values()))


def count_starts(text: bytes) -> int:
    """Return the number of item and entry start tags outside comments and CDATA."""
    bare = re.sub(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", b"", text, flags=re.DOTALL)
    return len(re.findall(rb"<(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])", bare, re.IGNORECASE))


def read_all(corpus: Path) -> None:
    """Read every file; print what is refused, what has another number of entries, what is slow."""
    refused: Counter[str] = Counter()
    wrong = read = 0
    for path in load_files(corpus):
        body = path.read_bytes()
        began = time.perf_counter()
        try:
            parsed = parse_document(body, url="http://example.com/feed", headers={})
        except ParseError as error:
            refused[str(error)] += 1
            print(f"refused: {path.relative_to(corpus)}: {error}")
            continue
        finally:
            took = time.perf_counter() - began
            if took > 2:
                print(f"slow: {path.relative_to(corpus)}: {took:.1f} s")
        read += 1
        starts = count_starts(body)
        if not parsed.format.startswith("json") and starts != len(parsed.entries) and starts:
            wrong += 1
            print(f"count: {path.relative_to(corpus)}: {starts} start tags, {len(parsed.entries)} entries")
    print(f"{read} files read, {sum(refused.values())} refused, {wrong} with another number of entries")


def mutated(corpus: Path, number: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield *number* corpus files with a few bytes changed, moved, doubled or lost."""
    chance = random.Random(seed)
    files = [path for path in load_files(corpus) if path.stat().st_size < 20_000]
    bodies = {path: path.read_bytes() for path in files}
    for index in range(number):
        path = chance.choice(files)
        body = bytearray(bodies[path])
        for _ in range(chance.randint(1, 6)):
            _mutate(body, chance)
        yield f"{index}:{path.name}", bytes(body)


_BITS = (
    b"<",
    b">",
    b"&",
    b"&#xD800;",
    b"&#0;",
    b"\x00",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"\xff",
    b'"',
    b"&nbsp;",
    b"</",
)


def _mutate(body: bytearray, chance: random.Random) -> None:
    if not body:
        return
    at = chance.randrange(len(body))
    span = chance.randint(1, 40)
    kind = chance.randrange(5)
    if kind == 0:
        body[at] = chance.randrange(256)
    elif kind == 1:
        del body[at : at + span]
    elif kind == 2:
        body[at:at] = chance.choice(_BITS)
    elif kind == 3:
        body[at:at] = body[at : at + span] * chance.randint(1, 4)
    else:
        del body[at + chance.randrange(len(body)) :]


def fuzz(corpus: Path, number: int, seed: int) -> None:
    """Read mutated files; an exception other than ParseError ends the run, slow ones are named."""
    print(f"mutating {number} files, seed {seed}")
    slowest, refused = (0.0, ""), 0
    reasons: Counter[str] = Counter()
    for name, body in mutated(corpus, number, seed):
        began = time.perf_counter()
        try:
            parse_document(body, url="http://example.com/feed", headers={})
        except ParseError as error:
            refused += 1
            reasons[str(error).split("(")[0][:60]] += 1
            if error.__cause__ is not None and "not valid JSON" not in str(error):
                print(f"caught: {name}: {error!r} from {error.__cause__!r}")
        slowest = max(slowest, (time.perf_counter() - began, name))
    for reason, times in reasons.most_common(12):
        print(f"{times:7} refused: {reason}")
    print(f"{number - refused} read, {refused} refused, slowest {slowest[0]:.2f} s ({slowest[1]})")


def main() -> int:
    """Run the comparison and the readings; exit 1 if a disagreement has no reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, default=Path(os.environ.get("AGGREGATOR_CORPUS", "../shared/corpus"))
    )
    parser.add_argument("--mutations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--brief", action="store_true", help="only the table")
    options = parser.parse_args()
    if not options.corpus.is_dir():
        print(f"no corpus at {options.corpus}; set AGGREGATOR_CORPUS")
        return 0
    unexplained = report(options.corpus, show=not options.brief)
    print(f"{unexplained} disagreements without a reason")
    if not options.brief:
        read_all(options.corpus)
    if options.mutations:
        fuzz(options.corpus, options.mutations, options.seed or random.SystemRandom().randrange(2**32))
    return 0


if __name__ == "__main__":
    sys.exit(main())
