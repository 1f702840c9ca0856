"""A store of every released version is brought to today's schema, and goes on as if nothing had been."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator.store.engine import open_engine
from aggregator.store.schema import migrate
from tests.databases import Databases, differing_tables
from tests.origin import Origin
from tests.released import FOLDER, restore, serve, what_is_known, write_config
from tests.running import aggregator, json_lines, printed

RELEASES = sorted(path.stem for path in FOLDER.glob("*.json"))
LATE = ("urn:river:4", "Bridge club wins the cup", "Four players from Poplar won by two tricks.")


def test_there_is_a_store_of_a_release() -> None:
    assert "1.0.0" in RELEASES


@pytest.mark.parametrize("release", RELEASES)
def test_a_released_store_keeps_everything_and_goes_on(
    release: str, database_kind: str, databases: Databases, tmp_path: Path
) -> None:
    url = databases.url(database_kind, migrated=False)
    restore(database_kind, release, url)
    engine = open_engine(url)
    migrate(engine)
    assert differing_tables(engine) == []
    engine.dispose()
    known = json.loads((FOLDER / f"{release}.json").read_text("utf-8"))[database_kind]
    with Origin() as origin:
        serve(origin)
        config = write_config(tmp_path, url, origin)
        assert what_is_known(config) == known
        found = printed(config, "search", "Barges")
        assert "Barges wait – 40 of them" in found
        aggregator(config, "poll", "--all")
        # the same entries are the same articles, and what was forgotten stays away
        assert what_is_known(config) == known
        serve(origin, LATE)
        aggregator(config, "poll", "River")
        rows = json_lines(config, "articles")
        assert [row["id"] for row in rows] == [*(row["id"] for row in known), LATE[0]]
        assert rows[-1]["topics"] == ["bridges"]
        items = json.loads(printed(config, "render", "feeds/all.json"))["items"]
        assert {item["id"] for item in items} >= {LATE[0], "urn:river:2"}
        assert "urn:river:3" not in {item["id"] for item in items}  # somebody hid it
