"""Counters: what happened so often since the store was made, whoever did it and in which process.

In: increments, written in the transaction of what they count, so that a crash counts nothing
twice. Their totals are read by pulse.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from aggregator.model import PollResult
from aggregator.store.rows import insert_or_add, write_rows
from aggregator.store.tables import counters

#: (name, label): ("polls", "not-modified"), ("articles", "new"), ("failures", "killed")
Counts = Mapping[tuple[str, str], int]


def add(connection: Connection, counts: Counts) -> None:
    """Add to counters; in the order of their names, so that two writers never wait for each other."""
    rows = [{"name": name, "label": label, "total": n} for (name, label), n in sorted(counts.items()) if n]
    write_rows(connection, insert_or_add(connection, counters, "total"), rows)


def count_polls(connection: Connection, results: Sequence[PollResult], *, new: int, changed: int) -> None:
    """Count finished polls by what they brought, failures by kind, and their articles."""
    counts: Counter[tuple[str, str]] = Counter()
    for result in results:
        counts["polls", result.kind] += 1
        if result.failure:
            counts["failures", str(result.failure.kind)] += 1
    counts["articles", "new"], counts["articles", "changed"] = new, changed
    add(connection, counts)
