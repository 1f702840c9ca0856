"""The documentation cannot drift: what exists is written down, what is written down exists."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from aggregator.cli import COMMANDS, group
from aggregator.config.load import load_configuration
from aggregator.web.app import create_app
from tests.running import ROOT

DOCS = ROOT / "docs"


def settings(schema: dict[str, Any]) -> Iterator[str]:
    """Every key that a configuration may have, at any depth."""
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("mkdocs")),
        "build",
        "--strict",
        "-d",
        str(tmp_path / "site"),
    ]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr


def options(command: click.Command) -> Iterator[str]:
    """The long name of every option of a command and of those below it."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from options(below)
    yield from (one.opts[0] for one in command.params if isinstance(one, click.Option))


def test_every_command_and_option_is_documented() -> None:
    text = (DOCS / "reference" / "commands.md").read_text("utf-8")
    sections = {heading: body for heading, _, body in (one.partition("\n") for one in text.split("\n## "))}
    for name in COMMANDS:
        found = "".join(body for heading, body in sections.items() if re.search(rf"\b{name}\b", heading))
        command = group.get_command(click.Context(group), name)
        assert [one for one in options(command) if one not in found] == [], name
        assert found, name


def test_every_page_has_its_place_and_every_test_named_is_there() -> None:
    listed = re.findall(r"^ *- ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M)
    assert sorted(listed) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))
    for page in DOCS.rglob("*.md"):
        for path, name in re.findall(r"`(tests/[\w/.]+?)(?:::(\w+))?`", page.read_text("utf-8")):
            assert (ROOT / path).exists(), (page, path)
            assert not name or f"def {name}(" in (ROOT / path).read_text("utf-8"), (page, name)


def test_every_setting_is_documented() -> None:
    text = (DOCS / "reference" / "settings.md").read_text("utf-8")
    schema = json.loads((ROOT / "config" / "schema.json").read_text("utf-8"))
    assert sorted({name for name in settings(schema) if f"`{name}`" not in text}) == []


def test_every_metric_is_documented(sqlite_engine: Engine) -> None:
    text = (DOCS / "reference" / "metrics.md").read_text("utf-8")
    body = create_app(sqlite_engine).test_client().get("/metrics").text
    families = [family for family in text_string_to_metric_families(body) if "_created" not in family.name]
    names = [f"{family.name}_total" if family.type == "counter" else family.name for family in families]
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.stem
)
def test_configurations_in_the_documentation_load(page: Path, tmp_path: Path) -> None:
    for number, text in enumerate(re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)):
        if not re.search(r"^(sources|site):", text, re.M):
            continue  # a fragment
        path = tmp_path / f"{number}.yaml"
        path.write_text(text, "utf-8")
        load_configuration(path, {"DATABASE_URL": "sqlite:///x.db"})
