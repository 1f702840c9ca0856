"""The measurements can be run: what they import is there, and the way of one poll is the program's own."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.mark.parametrize("name", sorted(path.stem for path in BENCHMARKS.glob("[a-z]*.py")))
def test_a_measurement_imports_what_it_measures(name: str) -> None:
    assert import_module(f"benchmarks.{name}").__doc__


def test_the_stages_of_a_small_world_are_measured() -> None:
    command = [sys.executable, "-m", "benchmarks.stages", "--feeds", "4"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = json.loads(said)
    assert result["entries"] > 40
    assert {row["stage"] for row in result["cold"]["stages"]} >= {"stories", "gate", "read: feedparser"}


def test_what_is_written_by_bulk_statements_fits_the_tables() -> None:
    command = [sys.executable, "-m", "benchmarks.growth", "--sizes", "200", "--sources", "20"]
    said = subprocess.run([*command, "--repeat", "1"], check=True, capture_output=True, text=True).stdout
    assert json.loads(said)["figures"]["read a feed of 50"]["growth"] == 1
