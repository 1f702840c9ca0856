"""How commands speak, whatever publishers wrote and wherever the words go."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli import group
from aggregator.cli.terminal import counted, print_json, say

EVIL = "Bridge \u202etxt.exe\u2066 \x1b[2J\x9b31m\u2028forged \udcff end \u200d👩‍🔬"


def test_nothing_that_publishers_write_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say(EVIL)
    said = capsys.readouterr().out
    assert said == (
        "Bridge \\u202etxt.exe\\u2066 \\u001b[2J\\u009b31m\\u2028forged \\udcff end \u200d👩‍🔬\n"
    ), "what only joins letters and signs stays"
    print_json({"title": EVIL})
    line = capsys.readouterr().out
    assert "\u202e" not in line
    assert json.loads(line) == {"title": EVIL}


def test_what_is_counted_is_one_or_several() -> None:
    assert [counted(n, "article") for n in (0, 1, 2)] == ["0 articles", "1 article", "2 articles"]
    assert [counted(n, "story") for n in (1, 2)] == ["1 story", "2 stories"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["check"], 1, "what is written: No space left on device\n"),
        (["poll", "\udcff"], 1, "no source is called '\\udcff'; `aggregator sources` lists them\n"),
        (["move", "postgresql://ann:hunter2@127.0.0.1:1/\udcff"], 2, "what was typed is no text in UTF-8\n"),
    ],
)
def test_what_cannot_be_printed_or_read_is_one_sentence(
    words: list[str], code: int, said: str, tmp_path: Path
) -> None:
    config = tmp_path / "aggregator.yaml"
    config.write_text("sources: []\n", "utf-8")
    command = [sys.executable, "-m", "aggregator", "--config", str(config), *words]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, said)


def test_a_command_that_is_misspelt_names_the_nearest() -> None:
    done = CliRunner().invoke(group, ["serch", "x"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        2,
        "Error: there is no command 'serch'; did you mean search?",
    )
