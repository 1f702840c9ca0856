"""What is done in a child process comes back, and leaves nothing behind but what it returned."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aggregator.child_process import run_in_child, start_in_child
from aggregator.config.file import load_in_child
from aggregator.errors import AggregatorError, ConfigurationError

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=["forked", "begun anew beside another thread"])
def beside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    is_alone = request.param == "forked"
    monkeypatch.setattr(threading, "active_count", lambda: 1 if is_alone else 2)


def end_by(name: str) -> None:
    os.kill(os.getpid(), signal.Signals[name])
    time.sleep(60)


def stumble() -> None:
    raise LookupError("nothing is there")


@pytest.mark.usefixtures("beside")
def test_the_result_of_another_process_comes_back() -> None:
    assert run_in_child(os.getppid) == os.getpid()
    assert len(run_in_child(bytes, 3_000_000)) == 3_000_000


@pytest.mark.usefixtures("beside")
def test_what_was_begun_goes_on_until_it_is_asked_for() -> None:
    first, second = start_in_child(os.getpid), start_in_child(os.getpid)
    assert len({first(), second(), os.getpid()}) == 3


@pytest.mark.usefixtures("beside")
def test_every_problem_of_a_configuration_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text("sources: [{url: 'http://example.org/', every: soon}]\nfeeds: 3\n")
    with pytest.raises(ConfigurationError) as raised:
        load_in_child(path)
    assert [problem.line for problem in raised.value.problems] == [1, 2]
    assert str(raised.value).startswith(f"{path}:1:")


@pytest.mark.usefixtures("beside")
def test_a_mistake_in_the_child_tells_where_it_was_made() -> None:
    with pytest.raises(LookupError) as raised:
        run_in_child(stumble)
    assert "in stumble" in raised.value.__notes__[0]


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_a_child_that_is_killed_or_interrupted_is_an_error(name: str) -> None:
    with pytest.raises(AggregatorError, match="killed"):
        run_in_child(end_by, name)


def test_no_child_is_left_of_a_process_that_was_killed_before_it_asked() -> None:
    program = (
        "import os; from aggregator.child_process import start_in_child; "
        "start_in_child(bytes, 3_000_000); os.kill(os.getpid(), 9)"
    )
    # a child that is left holds standard output open
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, check=False, cwd=ROOT, stdout=subprocess.PIPE, timeout=60)
    assert ended.returncode == -signal.SIGKILL


def test_a_worker_carries_nothing_that_it_needs_once_or_never() -> None:
    program = (
        "import sys, aggregator.cli.serving, aggregator.daemon.worker; "
        "print({'pydantic', 'aggregator.config.schema', 'yaml', 'lxml', 'feedparser', 'feedgen', 'flask', "
        "'alembic', 'nh3', 'sqlalchemy.dialects.postgresql'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout == "set()\n"
