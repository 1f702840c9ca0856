"""The configuration's file: where it is, how it looks on disk, and what reading it came to.

Light, for processes that live long: the schema, and what reading takes besides, comes with load.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aggregator.child_process import run_in_child
from aggregator.errors import ConfigurationError, Problem
from aggregator.model import Configuration

#: where a configuration is looked for when none is named
_USUAL_PLACES = ("config/aggregator.yaml", "aggregator.yaml")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration as read from a file."""

    configuration: Configuration
    #: changes exactly when a setting does
    digest: str
    #: absolute
    path: Path
    #: look_of() the file just before it was read
    look: object = None


def look_of(path: Path) -> object:
    """Return what changes when the file does: its moment, size and number, or that it is absent."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # a name with a NUL is no file's
        return "absent"
    return found.st_mtime_ns, found.st_size, found.st_ino


def find_configuration(explicit: str | None, env: Mapping[str, str], cwd: Path) -> Path:
    """Return the configuration file to use: *explicit*, $AGGREGATOR_CONFIG, or a usual place under *cwd*.

    A file that is named is returned whether it exists or not; load() says so then.

    Raises:
        ConfigurationError: none is named and no usual place has one.
    """
    named = explicit or env.get("AGGREGATOR_CONFIG")
    if named:
        return cwd / named
    for place in _USUAL_PLACES:
        if (cwd / place).is_file():
            return cwd / place
    message = "there is no such file; `aggregator init` writes one, --config FILE names another"
    raise ConfigurationError([Problem(_USUAL_PLACES[0], 0, 0, "", message)])


def load(path: Path) -> Loaded:
    """Return the configuration in the file *path*.

    Raises:
        ConfigurationError: with every problem of the file.
    """
    from aggregator.config.load import load_configuration

    return load_configuration(path)


def load_in_child(path: Path) -> Loaded:
    """Do what load() does in a child process."""
    return run_in_child(load, path)
