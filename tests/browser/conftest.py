"""One browser and one server for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.demo import Demo, open_demo, open_empty
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
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo paper, with somebody who wants its newsletter."""
    with open_demo(tmp_path_factory.mktemp("demo")) as opened:
        yield opened


@pytest.fixture(scope="session")
def site(demo: Demo) -> str:
    """The address of the demo paper."""
    return demo.url


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a paper whose sources were never asked."""
    with open_empty(tmp_path_factory.mktemp("empty")) as url:
        yield url
