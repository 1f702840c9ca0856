"""A paper to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from aggregator.store.engine import open_engine
from tests.databases import Databases
from tests.web.paper import Paper, open_paper, reopen_paper


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that holds the Thames Gazette with five articles."""
    url = Databases(tmp_path_factory.mktemp("gazette")).url("sqlite")
    engine = open_engine(url)
    open_paper(engine)
    engine.dispose()
    return Path(str(make_url(url).database))


@pytest.fixture
def paper(gazette: Path, databases: Databases) -> Iterator[Paper]:
    """The Thames Gazette with five articles, on SQLite."""
    engine = open_engine(databases.copy(gazette))
    yield reopen_paper(engine)
    engine.dispose()
