"""A wall clock that is wrong by as much as a test says, for one program and whatever it starts."""

from __future__ import annotations

import shutil
import subprocess
import time
from datetime import datetime
from pathlib import Path

import pytest


class Clock:
    """The clock of the programs that are started with its environment."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler: the clock cannot be turned")
        library, self._wrong = folder / "clock.so", folder / "clock"
        source = Path(__file__).with_name("clock.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self.set(0)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(self._wrong)}

    def set(self, seconds: float) -> None:
        """Be wrong by so much; there is no moment at which the file is empty."""
        draft = self._wrong.with_suffix(".new")
        draft.write_text(str(int(seconds)))
        draft.replace(self._wrong)

    def show(self, at: datetime) -> None:
        """Show this time now, and go on from there."""
        self.set(at.timestamp() - time.time())
