"""The store that most tests of this room begin with; some have one of their own."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.store.making import WHOLE, apply


@pytest.fixture
def paper(engine: Engine) -> Engine:
    """A store with two sources, a topic and two feeds."""
    apply(engine, WHOLE)
    return engine
