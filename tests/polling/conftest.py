"""The polling station, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.origin import Origin
from tests.polling.station import Station


@pytest.fixture
def origin() -> Iterator[Origin]:
    """The scripted web."""
    with Origin() as server:
        yield server


@pytest.fixture
def station(sqlite_engine: Engine, origin: Origin) -> Station:
    """A station without sources."""
    return Station(sqlite_engine, origin)
