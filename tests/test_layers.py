"""The folder list is the data flow: imports point down only, siblings never import each other."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_imports_point_down_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_file_is_a_giant() -> None:
    giants = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in (ROOT / "aggregator").rglob("*.py")
        if (count := path.read_text("utf-8").count("\n")) > 350
    ]
    assert not giants


def test_no_name_explains_nothing() -> None:
    empty = {"utils", "util", "helpers", "common", "manager", "misc"}
    assert not [path for path in (ROOT / "aggregator").rglob("*.py") if path.stem in empty]
