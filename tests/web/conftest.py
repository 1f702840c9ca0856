"""A paper to read."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.web.paper import Paper, open_paper


@pytest.fixture
def paper(sqlite_engine: Engine) -> Paper:
    """The Thames Gazette with five articles, on SQLite."""
    return open_paper(sqlite_engine)
