"""A paper with one article, and its page."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.full_texts.reading import Reading, page
from tests.origin import Origin
from tests.polling.station import rss, tagged


@pytest.fixture
def station(engine: Engine, origin: Origin) -> Reading:
    """A paper with one article, on SQLite and PostgreSQL."""
    made = Reading(engine, origin)
    made.publish(tagged(rss("a")))
    made.page("a", page("schooner"))
    return made
