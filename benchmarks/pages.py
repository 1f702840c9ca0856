"""What a page costs: processor time from the store and from memory, and the bytes of the front page.

    python -m benchmarks.pages [--times 40]

The demo world's papers are polled once into a database of their own. "new process" is a request with
empty memories and compiled templates; "after news" one after the front page's feed has changed, while the
other feeds are at hand; "from memory" the same again.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from aggregator.store.engine import writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.versions import touch_feeds
from aggregator.web.desk import Desk
from tests.browser.demo import open_demo

PAGES = (
    "/", "/feeds", "/topics", "/sources", "/feeds/front-page", "/topics/economy",
    "/sources/the-thames-courier", "/articles/1", "/articles/40",
)  # fmt: skip
#: what is wished for, in milliseconds of processor time
FROM_STORE_MS, FROM_MEMORY_MS = 5.0, 0.2
FRONT_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Median milliseconds of processor time of one request."""

    new_process: float
    after_news: float
    from_memory: float


def measure(app: Flask, path: str, times: int) -> Cost:
    """Return what a request for *path* costs."""
    desk = app.extensions["desk"]
    ask = asking(app, path)
    ask()
    cold, news = [], []
    for _ in range(times):
        desk.forget()
        cold.append(cpu_ms(ask, 1))
    for number in range(times):
        change_front(desk, f"{path} {number}")
        news.append(cpu_ms(ask, 1))
    warm = [cpu_ms(ask, 50) / 50 for _ in range(max(3, times // 4))]
    return Cost(statistics.median(cold), statistics.median(news), statistics.median(warm))


def change_front(desk: Desk, why: str) -> None:
    """Let the front page's feed change, and a second pass."""
    with writing(desk.engine) as connection:
        head = find_feed(connection, "feed", "front-page")
        assert head is not None
        touch_feeds(connection, {head.id: why}, datetime.now(UTC))
    desk.forget_moments()


def asking(app: Flask, path: str) -> Callable[[], None]:
    """Return a call that makes one request as the server does."""

    def ask() -> None:
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "HTTP_ACCEPT": "text/html,*/*;q=0.8", "HTTP_ACCEPT_ENCODING": "gzip, br",
        }  # fmt: skip
        answers: list[str] = []
        list(app.wsgi_app(environ, lambda status, headers: answers.append(status)))  # type: ignore[arg-type, return-value]
        assert answers == ["200 OK"], (path, answers)

    return ask


def cpu_ms(call: Callable[[], None], times: int) -> float:
    """Return the processor time of *times* calls in milliseconds."""
    begun = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - begun) * 1000


def main() -> int:
    """Print a line for each page; 1 where a wish is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=40)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder, open_demo(Path(folder)) as demo:
        lines = {path: measure(demo.app, path, times) for path in PAGES}
        front = len(demo.app.test_client().get("/").data)
    print(f"{'page':30} {'new process':>12} {'after news':>12} {'from memory':>12}")
    for path, cost in lines.items():
        print(f"{path:30} {cost.new_process:9.2f} ms {cost.after_news:9.2f} ms {cost.from_memory:9.3f} ms")
    print(f"the front page has {front:,} bytes of HTML")
    kept = all(c.after_news <= FROM_STORE_MS and c.from_memory <= FROM_MEMORY_MS for c in lines.values())
    return 0 if kept and front < FRONT_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
