"""One browser and one server for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.demo import demo
from tests.browser.looking import CHROMIUM, Chromium


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Debian's Chromium, headless."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs a browser at {CHROMIUM} (Debian: apt install chromium)")
    running = Chromium()
    yield running
    running.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demo paper."""
    with demo(tmp_path_factory.mktemp("demo")) as (_, url):
        yield url
