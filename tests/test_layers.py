"""The folder list is the data flow: imports point down only, siblings never import each other."""

import re
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


def test_every_folder_says_what_each_of_its_modules_is_for() -> None:
    unsaid = []
    for opening in (ROOT / "aggregator").rglob("__init__.py"):
        said = set(re.findall(r"\w+", opening.read_text("utf-8")))
        files = {path.stem for path in opening.parent.glob("*.py") if not path.stem.startswith("__")}
        rooms = {path.parent.name for path in opening.parent.glob("*/__init__.py")}
        unsaid += [f"{opening.parent.relative_to(ROOT)}: {name}" for name in sorted((files | rooms) - said)]
    assert not unsaid
