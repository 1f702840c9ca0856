"""How much memory a program's processes use together, shared pages counted once (PSS)."""

from __future__ import annotations

from pathlib import Path


def family(pid: int) -> set[int]:
    """Return a process and everything it started, and what those started."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def pss_mb(pid: int) -> float:
    """Return the proportional set size of a process and all below it, in megabytes."""
    total = 0
    for member in family(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000
