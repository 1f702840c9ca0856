"""The demo world read once and served: what every page of the browser tests is made of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from flask import Flask
from sqlalchemy import func, select

from aggregator.store.engine import open_engine, writing
from aggregator.store.outgoing.newsletters import ask_to_subscribe, list_subscribers
from aggregator.store.tables import story_members
from aggregator.web.app import create_app
from aggregator.web.current import DESK
from tests.running import ROOT, aggregator, free_port
from tests.world import Origin, World


class Server(ThreadingMixIn, WSGIServer):
    """Answers several requests of one page at a time."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A served paper, and what its tests cannot find by following links."""

    app: Flask
    url: str
    #: of somebody who was asked whether the newsletter is wanted
    token: str
    #: a story with several reports
    story: int


@contextmanager
def open_demo(folder: Path) -> Iterator[Demo]:
    """Poll the twelve papers of a world whose clock stands, and serve the paper made of them."""
    with Origin(World(), longest_delay_s=0) as origin:
        url = f"http://127.0.0.1:{free_port()}"
        config = write_config(folder, origin.url, url)
        aggregator(config, "poll", "--all")
        with serving_store(folder, url) as app:
            engine = app.extensions[DESK].engine
            with writing(engine) as connection:
                ask_to_subscribe(connection, "daily", "bea@reader.example", datetime.now(UTC))
                (reader,) = list_subscribers(connection, "daily")
                story = connection.scalar(
                    select(story_members.c.story_id)
                    .group_by(story_members.c.story_id)
                    .order_by(func.count().desc())
                    .limit(1)
                )
            yield Demo(app, url, reader.token, story)


@contextmanager
def open_empty(folder: Path) -> Iterator[str]:
    """Serve the paper before any of its sources was asked, and yield its address."""
    url = f"http://127.0.0.1:{free_port()}"
    aggregator(write_config(folder, "http://127.0.0.1:9", url), "status", code=None)
    with serving_store(folder, url):
        yield url


@contextmanager
def serving_store(folder: Path, url: str) -> Iterator[Flask]:
    """Serve the store in *folder* at *url* and yield the application."""
    engine = open_engine(f"sqlite:///{folder / 'demo.db'}")
    try:
        app = create_app(engine)
        with serving(app, url):
            yield app
    finally:
        engine.dispose()


def write_config(folder: Path, origin: str, url: str) -> Path:
    """Write config/demo.yaml with other addresses and another database, and return where."""
    text = (ROOT / "config" / "demo.yaml").read_text("utf-8")
    text = text.replace("http://127.0.0.1:8899", origin).replace("http://127.0.0.1:8000", url)
    text = text.replace("127.0.0.1:8899", origin.removeprefix("http://"))
    text = text.replace("fetch: {", "fetch: {per_host: 16, ")
    text = text.replace('listen: "127.0.0.1:8000"', f'listen: "{url.removeprefix("http://")}"')
    # nobody sends it: only its pages are looked at
    text += "\nmail: {host: 127.0.0.1, from: 'London Daily <paper@london-daily.example>'}\n"
    daily = "{title: The Daily, feed: front-page, schedule: '0 7 * * *', subscribe: open}"
    text += f"newsletters: {{daily: {daily}}}\n"
    config = folder / "demo.yaml"
    config.write_text(text.replace("sqlite:///../var/demo.db", f"sqlite:///{folder / 'demo.db'}"), "utf-8")
    return config


@contextmanager
def serving(app: Flask, url: str) -> Iterator[None]:
    """Serve *app* at *url* from a thread of this process."""
    port = int(url.rpartition(":")[2])
    server = Server(("127.0.0.1", port), Quiet)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
