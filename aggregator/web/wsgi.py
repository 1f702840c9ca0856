"""What each server process imports: the application, made from the environment it was started in."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import stat
import sys
import threading
import time
from contextlib import suppress

from flask import Flask

from aggregator.store.engine import open_engine
from aggregator.web.app import create_app
from aggregator.web.current import DESK
from aggregator.web.following import follow
from aggregator.web.serve import DATABASE_VARIABLE, DIRECT_VARIABLE, TOKEN_VARIABLE

#: seconds in which something of an answer must be taken, or its connection ends
TAKEN_S = 60
#: seconds a thread that works may keep those waiting who only hand on what is at hand
SWITCH_S = 0.001


def application() -> Flask:
    """Return the application for the database named in the environment.

    Raises:
        StoreError: it cannot be used.
    """
    _end_with_server()
    _end_with_readers()
    sys.setswitchinterval(SWITCH_S)
    engine = open_engine(os.environ[DATABASE_VARIABLE])
    app = create_app(engine, admin_token=os.environ.get(TOKEN_VARIABLE))
    if direct := os.environ.get(DIRECT_VARIABLE):
        follow(app.extensions[DESK], direct)
    return app


def _end_with_readers() -> None:
    """End connections whose other side takes nothing of an answer; the server would hold both for ever.

    The kernel keeps the time. Connections have it from the socket they came to, which the server opens once
    all this is made.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is None:
        return

    def wait() -> None:
        while not _set_everywhere(option, TAKEN_S * 1000):
            time.sleep(0.05)

    threading.Thread(target=wait, name="readers", daemon=True).start()


def _set_everywhere(option: int, value: int) -> bool:
    """Set an option of TCP on all sockets of this process; say whether it listens at one of them."""
    is_listening = False
    for name in os.listdir("/proc/self/fd"):
        # what was open a moment ago may be closed, or something else
        with suppress(OSError):
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
            with socket.socket(fileno=os.dup(int(name))) as found:
                is_listening |= found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
                found.setsockopt(socket.IPPROTO_TCP, option, value)
    return is_listening


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
