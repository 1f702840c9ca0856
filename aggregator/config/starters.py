"""The configurations that ``aggregator init`` writes: package data in, a new file out; never overwrites."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from aggregator.errors import AggregatorError, NotFound

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
    """Write the starter *name* to *target*, making the folders above it.

    Raises:
        NotFound: there is no such starter.
        AggregatorError: *target* exists (it is left as it is), or cannot be written.
    """
    text = read_starter(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # "x" refuses an existing file in the same step, so that no race can overwrite one.
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise AggregatorError(f"{target} exists already; it was left as it is") from None
    except OSError as error:
        raise AggregatorError(f"{target} cannot be written: {error.strerror}") from None
