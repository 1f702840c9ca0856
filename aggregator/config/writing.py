"""A new configuration file: its text flows in, the file and the schema for editors beside it flow out.

Nothing that exists is overwritten.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from aggregator.config.jsonschema import render_schema
from aggregator.errors import AggregatorError

#: tells editors what checks the file that begins so
SCHEMA_LINE = "# yaml-language-server: $schema=schema.json\n"


def write_new(text: str, target: Path) -> None:
    """Write *text* to *target*, making the folders above it, and schema.json beside it unless one is there.

    Raises:
        AggregatorError: *target* exists (it is left as it is), or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(text, target)
        with contextlib.suppress(FileExistsError):
            _write(render_schema(), target.with_name("schema.json"))
    except FileExistsError:
        raise AggregatorError(f"{target} exists already; it was left as it is") from None
    except OSError as error:
        raise AggregatorError(f"{target} cannot be written: {error.strerror}") from None


def _write(text: str, target: Path) -> None:
    # "x" refuses an existing file in the same step, so that no race can overwrite one.
    with target.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
