"""The files that come with the program (configurations, starters, schema), and where a file is looked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.config.file import find_configuration
from aggregator.config.jsonschema import render_schema
from aggregator.config.load import load_configuration
from aggregator.config.schema import File, keys_at
from aggregator.config.writing import SCHEMA_LINE, STARTERS, read_starter, write_new
from aggregator.errors import AggregatorError, ConfigurationError
from aggregator.model import Configuration

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("name", sorted(path.name for path in CONFIG.glob("*.yaml")))
def test_every_configuration_in_config_loads(name: str) -> None:
    made = load_configuration(CONFIG / name, {}).configuration
    assert made.sources
    assert made.feeds


def test_the_configuration_of_a_checkout_is_the_first_starter() -> None:
    assert read_starter(STARTERS[0]) == (CONFIG / "aggregator.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("starter", STARTERS)
def test_written_starter_loads(tmp_path: Path, starter: str) -> None:
    target = tmp_path / "new" / "aggregator.yaml"
    write_new(read_starter(starter), target)
    assert load_configuration(target, {}).configuration.sources
    assert target.read_text().startswith(SCHEMA_LINE)
    assert (target.parent / "schema.json").read_text(encoding="utf-8") == render_schema()


def test_starter_never_overwrites(tmp_path: Path) -> None:
    target = tmp_path / "aggregator.yaml"
    target.write_text("mine")
    (tmp_path / "schema.json").write_text("mine, too")
    write_new("theirs", tmp_path / "another.yaml")
    assert (tmp_path / "schema.json").read_text() == "mine, too"
    with pytest.raises(AggregatorError, match="exists already; it was left as it is"):
        write_new("theirs", target)
    assert target.read_text() == "mine"
    with pytest.raises(AggregatorError, match=r"aggregator\.yaml exists already"):
        write_new("theirs", target / "x.yaml")


def test_schema_json_is_current() -> None:
    assert (CONFIG / "schema.json").read_text(encoding="utf-8") == render_schema(), (
        "run: python -m aggregator.config.jsonschema > config/schema.json"
    )


def test_schema_is_printed_by_its_module() -> None:
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-m", "aggregator.config.jsonschema"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(printed.stdout)["properties"].keys() == File.model_fields.keys()
    assert printed.stderr == ""


def test_every_key_is_described_for_editors() -> None:
    schema = json.loads(render_schema())
    for name, section in schema["$defs"].items():
        for key, value in section["properties"].items():
            assert value.get("description"), f"{name}.{key}"


def test_keys_are_known_at_each_section() -> None:
    assert "sources" in keys_at(())
    assert "every" in keys_at(("sources", 3))
    assert keys_at(("database",)) == ()


def london_daily() -> Configuration:
    return load_configuration(CONFIG / "aggregator.yaml", {}).configuration


def test_london_daily_has_what_a_newspaper_needs() -> None:
    made = london_daily()
    assert (made.site.title, made.site.tagline) == ("London Daily", "Focus on the big picture.")
    assert len(made.sources) >= 25
    assert len(made.topics) >= 8
    assert len(made.feeds) >= 4
    assert made.feeds[0].slug == "front-page"
    free = [source for source in made.sources if "free-licence" in source.tags]
    assert len(free) >= 6
    assert all(source.rights and source.content == "full" for source in free)
    assert any("podcast" in source.tags for source in made.sources)


def test_london_daily_shows_no_full_text_without_a_licence() -> None:
    assert [
        source.name for source in london_daily().sources if source.content == "full" and not source.rights
    ] == []


def test_minimal_is_short() -> None:
    assert len(read_starter("minimal").splitlines()) == 11


def test_no_two_starters_share_a_database(tmp_path: Path) -> None:
    places = set()
    for starter in STARTERS:
        target = tmp_path / ("config/aggregator.yaml" if starter == "london-daily" else f"{starter}.yaml")
        write_new(read_starter(starter), target)
        places.add(load_configuration(target, {}).configuration.database)
    assert len(places) == len(STARTERS)


def test_file_is_looked_for_in_order(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    with pytest.raises(ConfigurationError, match="no such file"):
        find_configuration(None, {}, tmp_path)
    (tmp_path / "aggregator.yaml").touch()
    assert find_configuration(None, {}, tmp_path) == tmp_path / "aggregator.yaml"
    (tmp_path / "config/aggregator.yaml").touch()
    assert find_configuration(None, {}, tmp_path) == tmp_path / "config/aggregator.yaml"
    assert find_configuration(None, {"AGGREGATOR_CONFIG": "e.yaml"}, tmp_path) == tmp_path / "e.yaml"
    assert find_configuration("x.yaml", {"AGGREGATOR_CONFIG": "e.yaml"}, tmp_path) == tmp_path / "x.yaml"
