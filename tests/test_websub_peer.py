"""Flask-WebSub, somebody else's hub, publisher and subscriber, as the other side of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.serving import make_server

from tests.origin import Origin
from tests.pushing import Paper, atom, write_config
from tests.running import free_port, running, wait_until

pytest.importorskip("flask_websub", reason="Flask-WebSub is not installed")

from flask_websub.hub import Hub, SQLite3HubStorage
from flask_websub.subscriber import (
    SQLite3SubscriberStorage,
    SQLite3TempSubscriberStorage,
    Subscriber,
    discover,
)

# it leaves SQLite connections and sockets to the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Threads:
    """As much of Celery as Flask-WebSub needs: tasks that run in a thread."""

    def task(self, bind: bool = False, **_options: Any) -> Callable[[Callable[..., Any]], Any]:
        def make(work: Callable[..., Any]) -> Any:
            first = (SimpleNamespace(request=SimpleNamespace(retries=0)),) if bind else ()

            def delay(*words: Any) -> None:
                threading.Thread(target=work, args=(*first, *words), daemon=True).start()

            return SimpleNamespace(delay=delay)

        return make


@pytest.fixture
def peer() -> Iterator[tuple[Flask, str]]:
    """A Flask application of the other side, served on loopback; and its URL."""
    app, port = Flask("peer"), free_port()
    app.config["SERVER_NAME"] = f"127.0.0.1:{port}"
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_its_subscriber_finds_our_hub_subscribes_and_is_pushed_to(
    tmp_path: Path, peer: tuple[Flask, str]
) -> None:
    app, _ = peer
    subscriber = Subscriber(
        SQLite3SubscriberStorage(str(tmp_path / "long.db")),
        SQLite3TempSubscriberStorage(str(tmp_path / "short.db")),
    )
    app.register_blueprint(subscriber.build_blueprint("/callbacks"))
    agreed: list[str] = []
    received: list[bytes] = []
    subscriber.add_success_handler(lambda _topic, _callback, mode: agreed.append(mode))
    subscriber.add_listener(lambda _topic, _callback, body: received.append(body))

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Origin() as origin:
        paper = Paper(origin)
        config = write_config(tmp_path / "ours", port, [(paper.url, "1s")])
        with running(config, url) as program:
            wait_until(lambda: b"Barge one" in program.get("/feeds/all.atom")[2])
            with app.app_context():
                found = discover(f"{url}/feeds/all.atom")
                assert found == {"hub_url": f"{url}/hub", "topic_url": f"{url}/feeds/all.atom"}
                callback = subscriber.subscribe(**found)
            wait_until(lambda: agreed == ["subscribe"], what="its agreement")
            wait_until(lambda: "mode=subscribe outcome=ok" in program.log.read_text())
            paper.titles.insert(0, "Barge two")
            wait_until(lambda: any(b"Barge two" in body for body in received), what="a push to it")
            with app.app_context():
                subscriber.unsubscribe(callback)
            wait_until(lambda: agreed == ["subscribe", "unsubscribe"], what="its farewell")


def test_we_subscribe_at_its_hub_and_take_in_what_it_pushes(tmp_path: Path, peer: tuple[Flask, str]) -> None:
    app, peer_url = peer
    hub = Hub(SQLite3HubStorage(str(tmp_path / "hub.db")), Threads())
    app.register_blueprint(hub.build_blueprint("/hub"))
    titles = ["Barge one"]
    asked: list[float] = []

    @app.get("/news")
    def news() -> Response:
        asked.append(time.monotonic())
        body = atom(titles)
        response = Response(body, content_type="application/atom+xml")
        response.headers["Link"] = f'<{peer_url}/hub>; rel="hub", <{peer_url}/news>; rel="self"'
        return response

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    config = write_config(tmp_path / "ours", port, [(f"{peer_url}/news", "1h")])
    with running(config, url) as program:
        wait_until(lambda: list(hub.storage.get_callbacks(f"{peer_url}/news")), what="our subscription")
        polls = len(asked)
        titles.insert(0, "Barge two")
        hub.send_change_notification.delay(f"{peer_url}/news")
        wait_until(lambda: b"Barge two" in program.get("/feeds/all.atom")[2], what="what it pushed")
        # one request was the hub's own
        assert len(asked) == polls + 1
