"""The web server: granian runs our WSGI application in as many processes as configured.

The application is imported in those processes alone: prometheus_client looks at its environment once,
when it is imported, and would count for each process by itself if that came before the folder is named.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import resource
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from aggregator.errors import AggregatorError
from aggregator.model import Configuration, Web

log = logging.getLogger(__name__)
#: the SQLAlchemy URL of the store, for the processes that are started here
DATABASE_VARIABLE = "AGGREGATOR_WEB_DATABASE"
#: the token of the editors' page; unset: there is none
TOKEN_VARIABLE = "AGGREGATOR_WEB_ADMIN_TOKEN"
#: the URL at which changes are heard of; unset: they are looked up
DIRECT_VARIABLE = "AGGREGATOR_WEB_DIRECT_DATABASE"
#: seconds a process has to finish its requests once it is told to stop
GRACE_S = 8
#: seconds a server that is ending may keep the address, if its parent was killed, before it is another's
TAKEN_S = GRACE_S + 2
#: requests one process answers at the same time; more wait their turn. Most of them may be questions that
#: wait for theirs (web.questions) and hold nothing; a thread without work ends
THREADS = 48
#: connections one process holds at the same time; more wait to be taken. One that says nothing takes 3 kB
CONNECTIONS = 4096
#: seconds in which the head of a request must come, and a connection at rest must ask again
HEAD_S = 10
#: bytes of requests that are read ahead of a connection, a head among them: many with a long one must fit
HEAD_BYTES = 16_384
#: files a process may open besides connections: the store's (a pool's, however many threads there are),
#: templates, counters, the libraries' own
FILES = 60
#: how folders begin that processes count into; one so young, in seconds, may not be locked yet
_COUNTERS, YOUNG_S = "aggregator-metrics-", 60


class ListenError(AggregatorError):
    """The address the server should listen on cannot be had; the message says why and what to do."""


def serve(configuration: Configuration, logs: dict[str, Any] | None = None) -> None:
    """Serve pages and feeds until told to stop (SIGTERM, SIGINT); running requests are finished.

    Args:
        logs: how the server and its processes log, as logging.config takes it; None: as granian does.

    Raises:
        ListenError: the address is taken, not ours, or needs rights we do not have.
    """
    web = configuration.web
    try_address(web)
    os.environ[DATABASE_VARIABLE] = configuration.database
    for variable, secret in ((TOKEN_VARIABLE, web.admin_token), (DIRECT_VARIABLE, web.direct_database)):
        os.environ.pop(variable, None)
        if secret:
            os.environ[variable] = secret
    processes = f"{web.processes} processes" if web.processes > 1 else "one process"
    log.info("listening on http://%s:%s in %s", web.host, web.port, processes)
    with counting_folder() as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _serve(web, logs)


@contextmanager
def counting_folder() -> Iterator[str]:
    """Give a folder whose files the processes count into and add up; remove those of killed servers."""
    for left in Path(gettempdir()).glob(f"{_COUNTERS}*"):
        # it may be somebody else's, of a server that lives, or gone by now
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > YOUNG_S:
                with _locked(left):
                    shutil.rmtree(left)
    with TemporaryDirectory(prefix=_COUNTERS) as folder, ExitStack() as held:
        # where the file system knows no locks, nobody removes what is left either
        with suppress(OSError):
            held.enter_context(_locked(folder))
        yield folder


@contextmanager
def _locked(folder: str | Path) -> Iterator[None]:
    handle = os.open(folder, os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _serve(web: Web, logs: dict[str, Any] | None) -> None:
    server = Granian(
        "aggregator.web.wsgi:application",
        factory=True,
        address=web.host,
        port=web.port,
        interface=Interfaces.WSGI,
        # browsers and proxies speak HTTP/2 inside TLS only, which is the business of whoever stands in front
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_S * 1000, max_buffer_size=HEAD_BYTES),
        workers=web.processes,
        blocking_threads=THREADS,
        backpressure=_connections(),
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=logs,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_S,
    )
    # granian finds so many threads strange, and says so at every start
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    # what is in force stands in the database: there is nothing to read again, and replacing processes
    # at SIGHUP would keep a SIGTERM waiting
    server.on_startup(lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    # a process that begins has our way with SIGTERM still, to note it for later: nobody would look
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    server.serve()


def _connections() -> int:
    """Ask for as many open files as are needed; return how many connections those that we get are enough for.

    Without files for the store and the templates every page would be an error.
    """
    wanted = CONNECTIONS + FILES
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= allowed < wanted:
        allowed = wanted if most < 0 else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return CONNECTIONS if allowed < 0 else max(1, min(CONNECTIONS, allowed - FILES))


def try_address(web: Web, taken_s: float = TAKEN_S) -> None:
    """Bind the address once, so that what is wrong with it is said in a sentence before anything starts.

    Raises:
        ListenError: it cannot be had, or is taken for longer than *taken_s*.
    """
    where = f"{web.host}:{web.port}"
    deadline = time.monotonic() + taken_s
    is_waiting = False
    while (error := _bind(web)) is not None:
        if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            reason = (error.strerror or str(error)).lower()
            raise ListenError(
                f"cannot listen on {where}: {reason}; change web.listen, or stop what uses the port"
            )
        if not is_waiting:
            log.warning("%s is taken: waiting up to %g s for it", where, taken_s)
        is_waiting = True
        time.sleep(0.1)


def _bind(web: Web) -> OSError | None:
    try:
        found = socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None
