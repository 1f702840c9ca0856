"""The demo world read once and served: what every page of the browser tests is made of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from flask import Flask

from aggregator.store.engine import open_engine
from aggregator.web.app import create_app
from tests.running import ROOT, aggregator, free_port
from tests.world import Origin, World


class Server(ThreadingMixIn, WSGIServer):
    """Answers several requests of one page at a time."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def demo(folder: Path) -> Iterator[tuple[Flask, str]]:
    """Poll the twelve papers of a world whose clock stands, serve the paper made of them, and yield
    the application and its address."""
    with Origin(World(), longest_delay_s=0) as origin:
        url = f"http://127.0.0.1:{free_port()}"
        config = write_config(folder, origin.url, url)
        aggregator(config, "poll", "--all")
        engine = open_engine(f"sqlite:///{folder / 'demo.db'}")
        app = create_app(engine)
        try:
            with serving(app, url):
                yield app, url
        finally:
            engine.dispose()


def write_config(folder: Path, origin: str, url: str) -> Path:
    """Write config/demo.yaml with other addresses and another database, and return where."""
    text = (ROOT / "config" / "demo.yaml").read_text("utf-8")
    text = text.replace("http://127.0.0.1:8899", origin).replace("http://127.0.0.1:8000", url)
    text = text.replace("127.0.0.1:8899", origin.removeprefix("http://"))
    text = text.replace('listen: "127.0.0.1:8000"', f'listen: "{url.removeprefix("http://")}"')
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
