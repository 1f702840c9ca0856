"""What each server process imports: the application, made from the environment it was started in."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time

from flask import Flask

from aggregator.store.engine import open_engine
from aggregator.web.app import create_app
from aggregator.web.current import DESK
from aggregator.web.following import follow
from aggregator.web.serve import DATABASE_VARIABLE, DIRECT_VARIABLE, TOKEN_VARIABLE

#: seconds a thread that works may keep those waiting who only hand on what is at hand
SWITCH_S = 0.001


def application() -> Flask:
    """Return the application for the database named in the environment.

    Raises:
        StoreError: it cannot be used.
    """
    _end_with_server()
    sys.setswitchinterval(SWITCH_S)
    engine = open_engine(os.environ[DATABASE_VARIABLE])
    app = create_app(engine, admin_token=os.environ.get(TOKEN_VARIABLE))
    if direct := os.environ.get(DIRECT_VARIABLE):
        follow(app.extensions[DESK], direct)
    return app


def _end_with_server() -> None:
    """End this process when the server that started it is gone, however it went: it holds the port."""
    server = multiprocessing.parent_process()
    if server is None:
        return

    def wait() -> None:
        server.join()
        while True:  # a signal that comes while this process starts is heard by nobody
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)

    threading.Thread(target=wait, name="server", daemon=True).start()
