"""The web server: granian runs our WSGI application in as many processes as configured."""

from __future__ import annotations

import logging
import os
import signal
import socket
from tempfile import TemporaryDirectory

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from aggregator.errors import AggregatorError
from aggregator.model import Configuration, Web
from aggregator.web.wsgi import DATABASE_VARIABLE, TOKEN_VARIABLE

log = logging.getLogger(__name__)
#: seconds a process has to finish its requests once it is told to stop
GRACE_S = 8
#: requests one process answers at the same time; more wait their turn
THREADS = 8


class ListenError(AggregatorError):
    """The address the server should listen on cannot be had; the message says why and what to do."""


def serve(configuration: Configuration) -> None:
    """Serve pages and feeds until told to stop (SIGTERM, SIGINT); running requests are finished.

    Raises:
        ListenError: the address is taken, not ours, or needs rights we do not have.
    """
    web = configuration.web
    _try_address(web)
    os.environ[DATABASE_VARIABLE] = configuration.database
    os.environ.pop(TOKEN_VARIABLE, None)
    if web.admin_token:
        os.environ[TOKEN_VARIABLE] = web.admin_token
    processes = f"{web.processes} processes" if web.processes > 1 else "one process"
    log.info("listening on http://%s:%s in %s", web.host, web.port, processes)
    with TemporaryDirectory(prefix="aggregator-metrics-") as folder:
        # the processes count into files there, and each can add them all up
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _serve(web)


def _serve(web: Web) -> None:
    server = Granian(
        "aggregator.web.wsgi:application",
        factory=True,
        address=web.host,
        port=web.port,
        interface=Interfaces.WSGI,
        workers=web.processes,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_S,
    )
    # what is in force stands in the database: there is nothing to read again, and replacing processes
    # at SIGHUP would keep a SIGTERM waiting
    server.on_startup(lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    server.serve()


def _try_address(web: Web) -> None:
    """Bind the address once, so that what is wrong with it is said in a sentence before anything starts."""
    where = f"{web.host}:{web.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ListenError(
            f"cannot listen on {where}: {reason}; change web.listen, or stop what uses the port"
        ) from None
