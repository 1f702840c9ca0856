"""Which event loop the polling processes run on, and what a server cannot do to it."""

import asyncio
import socket
import ssl
import sys

import pytest

from aggregator.daemon.loop import run
from tests.hostile.server import Hostile


async def loop_module() -> str:
    return type(asyncio.get_running_loop()).__mro__[1].__module__


def test_uvloop_runs_where_it_is_installed():
    pytest.importorskip("uvloop")
    assert run(loop_module()).startswith("uvloop")


def test_without_uvloop_the_loop_of_asyncio_runs(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert run(loop_module()).startswith("asyncio")


def test_a_connection_that_is_reset_before_tls_leaves_no_descriptor_to_be_closed_again():
    """A second close would hit the connection that has the number by then."""

    async def descriptor_after_failure(place):
        loop = asyncio.get_running_loop()
        with socket.socket() as sock:
            sock.setblocking(False)
            await loop.sock_connect(sock, place)
            with pytest.raises(ConnectionError):
                await loop.sock_recv(sock, 1)
            with pytest.raises(ConnectionError):
                await loop.create_connection(
                    asyncio.Protocol, sock=sock, ssl=ssl.create_default_context(), server_hostname="x.example"
                )
            return sock.detach()

    with Hostile(greet=lambda line: (line.wait(0.1), line.reset())) as origin:
        assert run(descriptor_after_failure((origin.host, origin.port))) == -1
