"""The configurations that ``aggregator init`` writes: package data in, a new file out; never overwrites."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from aggregator.config.writing import write_new
from aggregator.errors import NotFound

#: what can be written; the first is the default
STARTERS = ("london-daily", "minimal", "planet")


def read_starter(name: str) -> str:
    """Return the text of the starter *name*.

    Raises:
        NotFound: there is no such starter.
    """
    if name not in STARTERS:
        raise NotFound(f"there is no starter {name}; there are {', '.join(STARTERS)}")
    return files("aggregator.config").joinpath("starters", f"{name}.yaml").read_text(encoding="utf-8")


def write_starter(name: str, target: Path) -> None:
    """Write the starter *name* to *target*; see write_new().

    Raises:
        NotFound: there is no such starter.
        AggregatorError: *target* exists (it is left as it is), or cannot be written.
    """
    write_new(read_starter(name), target)
