"""New configuration files: a text or the name of a starter in, the file and the schema beside it out.

Starters are what ``aggregator init`` writes, package data. Nothing that exists is overwritten.
"""

from __future__ import annotations

import contextlib
import os
from functools import partial
from importlib.resources import files
from pathlib import Path

from aggregator.config.jsonschema import render_schema
from aggregator.errors import AggregatorError

#: the starters there are; the first is the default
STARTERS = ("london-daily", "minimal", "planet")
#: tells editors what checks the file that begins so
SCHEMA_LINE = "# yaml-language-server: $schema=schema.json\n"


def write_new(text: str, target: Path, mode: int = 0o666) -> None:
    """Write *text* to *target*, making the folders above it, and schema.json beside it unless one is there.

    Args:
        mode: of the file, from which the umask takes its part.

    Raises:
        AggregatorError: *target* exists (it is left as it is), or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(text, target, mode)
        with contextlib.suppress(FileExistsError):
            _write(render_schema(), target.with_name("schema.json"), 0o666)
    except FileExistsError as error:  # it, or a file where its folder should be
        raise AggregatorError(f"{error.filename} exists already; it was left as it is") from None
    except OSError as error:
        raise AggregatorError(f"{target} cannot be written: {error.strerror}") from None


def read_starter(name: str) -> str:
    """Return the text of one of the STARTERS."""
    return files("aggregator.config").joinpath("starters", f"{name}.yaml").read_text(encoding="utf-8")


def _write(text: str, target: Path, mode: int) -> None:
    # "x" refuses an existing file in the same step, so that no race can overwrite one.
    opener = partial(os.open, mode=mode)
    with open(target, "x", encoding="utf-8", newline="\n", opener=opener) as file:
        file.write(text)
