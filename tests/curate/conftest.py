"""What remembers the source of a scenario."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.curate.scenarios import REMEMBERING


@pytest.fixture(params=["alone", "stored"])
def each_memory(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs a scenario twice: on the gate alone, and through a real store."""
    REMEMBERING[0] = request.getfixturevalue("sqlite_engine") if request.param == "stored" else None
    yield
    REMEMBERING[0] = None
