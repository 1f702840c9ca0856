"""`python -m tests.world -- COMMAND`: the papers are served beside a command, and both end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.running import ROOT
from tests.world import World, main
from tests.worldorigin import Origin


def beside(program: str) -> list[str]:
    """Return the command line that serves the papers beside a Python *program*."""
    world = [sys.executable, "-m", "tests.world", "--listen", "127.0.0.1:0"]
    return [*world, "--", sys.executable, "-c", program]


@pytest.mark.parametrize("code", [0, 3])
def test_world_and_command_end_together(code: int) -> None:
    line = beside(f"import sys; sys.exit({code})")
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == code, ended.stderr
    assert "served on http://127.0.0.1:" in ended.stdout


def test_ctrl_c_reaches_the_command_and_then_ends_the_world() -> None:
    line = beside(
        "import time\ntry:\n    print('up', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('bye')"
    )
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as child:
        assert child.stdout is not None
        assert any(line == "up\n" for line in child.stdout)
        os.killpg(child.pid, signal.SIGINT)
        assert child.stdout.read().endswith("bye\n")
        assert child.wait(30) == 0


def test_a_taken_port_is_said_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with Origin(World(), longest_delay_s=0) as origin:
        assert main(["--listen", origin.url.removeprefix("http://")]) == 1
    assert "cannot listen" in capsys.readouterr().err
