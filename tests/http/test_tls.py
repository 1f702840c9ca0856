"""Certificates are verified unless a source says otherwise."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp.client_proto import ResponseHandler

from aggregator.http.client import Client
from aggregator.http.errors import TlsFailed
from aggregator.http.shape import RequestShape
from aggregator.model import FetchSettings
from tests.hostile.server import Hostile
from tests.http.conftest import LOOPBACK, Ask
from tests.origin import Origin, Reply, redirect

DATA = Path(__file__).parent / "data"


@pytest.fixture
def context() -> ssl.SSLContext:
    """A server's TLS with a certificate for localhost from an authority nobody knows."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(DATA / "server.pem")
    return server


@pytest.fixture
def secure(context: ssl.SSLContext) -> Iterator[Origin]:
    """An origin with that certificate."""
    with Origin(tls=context) as origin:
        origin.on("/", Reply(body=b"x"))
        yield origin


def home(secure: Origin) -> str:
    """The origin by the name in its certificate."""
    return f"https://localhost:{secure.port}/"


def test_an_unknown_authority_is_a_tls_failure(secure: Origin, ask: Ask) -> None:
    with pytest.raises(TlsFailed, match="certificate"):
        ask(home(secure))
    assert not secure.requests


def test_a_port_that_speaks_no_tls_is_not_said_to_have_a_bad_certificate(ask: Ask) -> None:
    with (
        Hostile(greet=lambda line: line.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as plain,
        pytest.raises(TlsFailed, match="agree on TLS: wrong version number"),
    ):
        ask(plain.url(scheme="https"))


def test_a_ca_file_makes_its_authority_known(secure: Origin, ask: Ask) -> None:
    assert ask(home(secure), shape=RequestShape(ca_file=str(DATA / "authority.pem"))).body == b"x"


def test_a_ca_file_still_checks_the_name(secure: Origin, ask: Ask) -> None:
    with pytest.raises(TlsFailed, match=r"127\.0\.0\.1"):
        ask(secure.url("/"), shape=RequestShape(ca_file=str(DATA / "authority.pem")))


def test_a_ca_file_that_is_none_is_named(secure: Origin, ask: Ask, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.pem", Path(__file__)):
        with pytest.raises(TlsFailed, match="ca_file"):
            ask(home(secure), shape=RequestShape(ca_file=str(path)))


def test_insecure_tls_accepts_any_certificate_of_the_asked_host_only(secure: Origin, ask: Ask) -> None:
    shape = RequestShape(insecure_tls=True)
    assert ask(home(secure), shape=shape).body == b"x"
    secure.on("/away", redirect(secure.url("/")))
    with pytest.raises(TlsFailed):
        ask(home(secure) + "away", shape=shape)


def test_tls_is_verified_through_a_proxy_too(origin: Origin, ask: Ask, context: ssl.SSLContext) -> None:
    origin.on("localhost:443", Reply(tunnel=context))
    origin.on("/feed", Reply(body=b"inside"))
    settings = FetchSettings(allow_private=("localhost:443",), timeout_s=3)
    shape = RequestShape(proxy=origin.url(""), ca_file=str(DATA / "authority.pem"), auth="ann:pw")
    assert ask("https://localhost/feed", settings=settings, shape=shape).body == b"inside"
    assert [(seen.method, seen.header("Authorization") is None) for seen in origin.requests] == [
        ("CONNECT", True),
        ("GET", False),
    ]
    with pytest.raises(TlsFailed):
        ask("https://localhost/feed", settings=settings, shape=RequestShape(proxy=origin.url("")))


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_few_connections_rest_and_the_one_that_rested_longest_gives_way(
    context: ssl.SSLContext, is_encrypted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.http.unasked.MOST_RESTING", 2)
    shape = RequestShape(ca_file=str(DATA / "authority.pem"))
    tls = context if is_encrypted else None
    with Origin(tls=tls) as a, Origin(tls=tls) as b, Origin(tls=tls) as c:
        for origin in (a, b, c):
            origin.on("/", Reply(body=b"x"))

        async def ask_in_turn() -> None:
            async with Client(LOOPBACK, user_agent="x") as client:
                for origin in (a, b, a, c, a, b):
                    await client.request("GET", home(origin) if is_encrypted else origin.url(""), shape=shape)

        asyncio.run(ask_in_turn())
        assert (a.connections, b.connections, c.connections) == (1, 2, 1)


def test_connections_that_gave_way_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.http.unasked.MOST_RESTING", 2)
    with Origin(host="0.0.0.0") as origin:
        origin.on("/", Reply(body=b"x"))

        async def ask_many() -> int:
            async with Client(LOOPBACK, user_agent="x") as client:
                for n in range(2, 22):
                    await client.request("GET", origin.url("/").replace("0.0.0.0", f"127.0.0.{n}"))
                gc.collect()
                return sum(isinstance(one, ResponseHandler) for one in gc.get_objects())

        # those that rest, and as many that were closed last
        assert asyncio.run(ask_many()) <= 2 + 2
