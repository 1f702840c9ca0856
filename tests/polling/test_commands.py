"""The commands that show how we poll, run as a person runs them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli import group
from aggregator.cli import status as command
from tests.origin import Origin, Reply, document
from tests.polling.station import rss
from tests.running import aggregator, json_lines, printed, wait_until


def test_hosts_and_status_tell_what_a_poll_cost_and_what_is_wrong(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = origin.on("/good", document(rss("a"), etag='"1"'))
    gone = origin.on("/gone", Reply(410))
    config = tmp_path / "aggregator.yaml"
    config.write_text(
        f"""
fetch: {{allow_private: ["{origin.at}"]}}
sources:
  - {{url: "{good}", name: Good, headers: {{X-Key: "${{KEY:-hush}}"}}}}
  - {{url: "{gone}", name: Gone}}
feeds:
  all:
""",
        "utf-8",
    )
    aggregator(config, "poll", "--all", code=None)
    (line,) = json_lines(config, "hosts")
    assert line["host"] == origin.at
    assert (line["sources"], line["polls"], line["requests"]) == (2, 2, 2)
    assert line["bytes"] == len(rss("a"))
    assert origin.seen("/good")[0].header("X-Key") == "hush"

    told = printed(config, "status")
    assert "Gone is gone (gone, since" in told
    assert f"{config.name}:5" in told
    assert "2 sources, 1 well, 1 problem." in told
    assert "hush" not in told
    with monkeypatch.context() as patched:
        patched.setattr(command, "MANY", 1)  # two sources are many
        few = CliRunner().invoke(group, ["--config", str(config), "status"])
    assert few.exit_code == 0
    assert [line.split()[:2] for line in few.output.splitlines() if "articles," in line] == [["gone", "gone"]]
    assert "2 sources, 1 well, 1 problem." in few.output
    assert len(json_lines(config, "status")) == 2
    with closing(sqlite3.connect(tmp_path / "var" / "aggregator.db")) as store:
        store.execute("UPDATE sources SET late_s = 15762299")  # as after a clock that was wrong
        store.commit()
    assert "Polls come 182 d 10 h late at the median" in printed(config, "status")
    problems = printed(config, "render", "feeds/problems.json")
    assert "Gone is gone" in problems


def test_poll_lets_out_what_was_held_long_enough(origin: Origin, tmp_path: Path) -> None:
    url = origin.on("/paper", document(rss("a"), etag='"1"'))
    config = tmp_path / "aggregator.yaml"
    config.write_text(
        f'fetch: {{allow_private: ["{origin.at}"]}}\n'
        f'sources: [{{url: "{url}", name: Paper, gate: {{hold: 1s}}}}]\nfeeds: {{all: {{}}}}\n',
        "utf-8",
    )
    assert "went out" not in aggregator(config, "poll", "--all").stdout
    told = wait_until(
        lambda: next((told for told in [printed(config, "poll")] if "went out" in told), None),
        what="the held article to go out",
    )
    assert "1 held article went out." in told
    assert printed(config, "held") == ""
    assert '"title":"a"' in printed(config, "render", "feeds/all.json").replace(": ", ":")
