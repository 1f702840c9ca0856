"""The folder of an export: files in, and what is not published any more out.

A file is replaced in one step, and only where its bytes changed, so a web server may serve the folder
meanwhile and copying tools have little to do. Only what an export wrote is ever removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from aggregator.errors import AggregatorError

#: what was written by the run before, so that only our own files are ever removed
MANIFEST = ".aggregator-export.json"
#: what the present run adds to that, a name a line; it is there after a run that was killed
BEGUN = ".aggregator-export.begun"
#: how the name of a file begins that is not whole yet
_DRAFT = ".writing-"


class ExportError(AggregatorError):
    """The site cannot be written there; the message says why."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a run did, in files."""

    written: int
    unchanged: int
    removed: int


class Export:
    """One run of an export into a folder; made by exporting()."""

    def __init__(self, folder: Path, before: set[str], begun: TextIO) -> None:
        self._folder, self._before, self._begun = folder, before, begun
        #: names of the files of this run
        self.done: set[str] = set()
        self._written = 0

    def put(self, name: str, content: bytes) -> None:
        """Make the file *name* hold *content*; of a name that comes twice the first is kept."""
        if name in self.done:
            return
        if name not in self._before:
            print(name, file=self._begun, flush=True)
        self._written += _write(self._folder / name, content)
        self.done.add(name)

    def remove_rest(self) -> None:
        """Remove the files of earlier runs that this one did not write."""
        for name in self._before - self.done:
            (self._folder / name).unlink(missing_ok=True)

    @property
    def outcome(self) -> Exported:
        """What the run did."""
        return Exported(self._written, len(self.done) - self._written, len(self._before - self.done))


@contextmanager
def exporting(folder: Path) -> Iterator[Export]:
    """Give what writes into *folder*; at the end of the block, what it did not write is removed.

    Raises:
        ExportError: the folder cannot be written, or holds something that is not ours.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            before = _files_before(folder)
            with (folder / BEGUN).open("w", encoding="utf-8") as begun:
                export = Export(folder, before, begun)
                yield export
            export.remove_rest()
            _write(folder / MANIFEST, _listed(export.done))
            (folder / BEGUN).unlink()
    except OSError as error:
        raise ExportError(f"{folder} cannot be written: {error.strerror or error}") from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one run write after the other, where the file system knows locks."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _files_before(folder: Path) -> set[str]:
    """Return the files of the runs before; what a run that was killed left is made ours, or removed."""
    manifest, begun = folder / MANIFEST, folder / BEGUN
    if not manifest.is_file() and not begun.is_file() and any(folder.iterdir()):
        raise ExportError(f"{folder} holds something else; name an empty folder, or one exported before")
    names = {str(name) for name in json.loads(manifest.read_bytes())} if manifest.is_file() else set()
    if begun.is_file():
        # behind the last end of a line stands half a name, and there is no such file
        names.update(begun.read_text("utf-8").split("\n")[:-1])
        _write(manifest, _listed(names))
        for draft in folder.rglob(f"{_DRAFT}*"):
            draft.unlink()
    return names


def _listed(names: set[str]) -> bytes:
    return json.dumps(sorted(names)).encode()


def _write(path: Path, content: bytes) -> bool:
    """Make *path* hold *content*, in one step; False if it did already."""
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_DRAFT)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True
