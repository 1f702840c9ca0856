"""The polling station, on SQLite."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.origin import Origin
from tests.polling.station import Station


@pytest.fixture
def station(sqlite_engine: Engine, origin: Origin) -> Station:
    """A station without sources."""
    return Station(sqlite_engine, origin)
