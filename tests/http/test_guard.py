"""The guard at work: no spelling, redirect or name leads to a private address."""

from __future__ import annotations

import asyncio
import socket

import aiodns
import aiohttp
import pytest
from aiohttp.abc import ResolveResult

from aggregator.http.errors import ConnectFailed, HttpError, RedirectFailed, Refused
from aggregator.http.resolver import Resolver
from aggregator.http.shape import RequestShape
from aggregator.model import FetchSettings
from tests.http.conftest import Ask
from tests.origin import Origin, Reply, redirect

#: nothing private admitted
STRICT = FetchSettings(timeout_s=3)

SPELLINGS = [
    "http://127.0.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0x0.0x0.0x1:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://[2002:7f00:1::1]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://feeds.example@127.0.0.1:{port}/",
    "http://feeds.example:80@127.0.0.1:{port}/",
    "http://feeds.example\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@feeds.example/",
    "http://127.0.0.1:{port}#@feeds.example/",
    "//127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "ht\ttp://127.0.0.1:{port}/",
    "http://127.0.0\t.1:{port}/",
    "\\\\127.0.0.1:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET",
    "unix:///run/docker.sock",
    "data:text/xml,<rss/>",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_redirect_leads_to_a_private_address(origin: Origin, ask: Ask, spelling: str) -> None:
    with Origin() as inner:
        inner.on("/", Reply(body=b"secret"))
        origin.on("/", redirect(spelling.format(port=inner.port)))
        settings = FetchSettings(allow_private=(origin.at,), timeout_s=3)
        try:
            reason = f"{ask(origin.url('/'), settings=settings).status} where it was admitted"
        except (Refused, RedirectFailed) as refused:
            reason = refused.reason
        is_relative = spelling.startswith(("http:127", "http:/127", "\\\\"))
        assert ("404 where it was admitted" in reason) <= is_relative
        assert inner.connections == 0


@pytest.mark.parametrize("spelling", [text for text in SPELLINGS if text.startswith("http://")])
def test_no_configured_url_leads_to_a_private_address(ask: Ask, spelling: str) -> None:
    with Origin() as inner:
        with pytest.raises(Refused):
            ask(spelling.format(port=inner.port), settings=STRICT)
        assert inner.connections == 0


def test_a_refusal_says_how_to_allow_the_place(origin: Origin, ask: Ask) -> None:
    with pytest.raises(Refused, match="allow_private"):
        ask(origin.url("/"), settings=STRICT)


class Names:
    """Name service by table, in place of the network's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **table: list[list[str]]) -> None:
        self.table = {name.replace("_", "."): answers for name, answers in table.items()}
        names = self

        async def resolve(
            _: Resolver, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            answers = names.table.get(host)
            if not answers:
                raise OSError(None, "no such name")
            found = answers.pop(0) if len(answers) > 1 else answers[0]
            return [_resolved(host, address, port) for address in found]

        monkeypatch.setattr(Resolver, "resolve_all", resolve)


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)


def test_a_public_name_of_a_private_address_is_refused(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, rebind_example=[["127.0.0.1"], ["::ffff:127.0.0.1"], ["::1", "127.0.0.1"]])
    for _ in range(3):
        with pytest.raises(Refused, match=r"rebind\.example"):
            ask(f"http://rebind.example:{origin.port}/", settings=STRICT)
    assert origin.connections == 0


def test_a_name_of_two_thousand_addresses_is_tried_at_a_few(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, flood_example=[[f"10.0.{n >> 8}.{n & 255}" for n in range(2000)]])
    with pytest.raises(Refused, match=r"10\.0\.0\.0 "):
        ask("http://flood.example/", settings=STRICT)


def test_a_refused_address_does_not_spoil_an_allowed_one(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, both_example=[["10.255.255.1", "127.0.0.1"]])
    origin.on("/", Reply(body=b"x"))
    settings = FetchSettings(allow_private=("127.0.0.1",), timeout_s=3)
    assert ask(f"http://both.example:{origin.port}/", settings=settings).body == b"x"


def test_an_allowed_name_and_port_admit_that_place_only(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, wiki_lan=[["127.0.0.1"]], other_lan=[["127.0.0.1"]])
    origin.on("/", Reply(body=b"x"))
    settings = FetchSettings(allow_private=(f"wiki.lan:{origin.port}",), timeout_s=3)
    assert ask(f"http://wiki.lan:{origin.port}/", settings=settings).body == b"x"
    with pytest.raises(Refused):
        ask(f"http://other.lan:{origin.port}/", settings=settings)
    assert len(origin.requests) == 1


def test_the_configured_proxy_is_used_and_may_be_private(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, feeds_example=[["93.184.215.14"]])
    origin.on("http://feeds.example/%7efeed", Reply(body=b"through"))
    shape = RequestShape(proxy=f"http://me:pw@{origin.at}")
    answer = ask("http://feeds.example/%7efeed", shape=shape, settings=STRICT)
    assert answer.body == b"through"
    assert origin.requests[0].target == "http://feeds.example/%7efeed"
    assert origin.requests[0].header("Proxy-Authorization") == "Basic bWU6cHc="


def test_names_asked_through_a_proxy_are_vetted_first(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, inner_example=[["10.0.0.7"]], mixed_example=[["93.184.215.14", "169.254.169.254"]])
    shape = RequestShape(proxy=origin.url(""))
    for url in ("http://inner.example/", "http://mixed.example/", "http://[::1]/", "http://10.0.0.1/"):
        with pytest.raises(Refused):
            ask(url, shape=shape, settings=STRICT)
    with pytest.raises(HttpError, match="no address"):
        ask("http://unknown.example/", shape=shape, settings=STRICT)
    assert origin.connections == 0


def test_a_redirect_through_a_proxy_is_vetted_too(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, feeds_example=[["93.184.215.14"]])
    origin.on("http://feeds.example/", redirect("http://169.254.169.254/latest/meta-data"))
    with pytest.raises(Refused):
        ask(
            "http://feeds.example/",
            shape=RequestShape(proxy=origin.url("")),
            settings=STRICT,
        )
    assert len(origin.requests) == 1


def test_a_proxy_that_refuses_is_a_failed_connection(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, feeds_example=[["93.184.215.14"]])
    origin.on("feeds.example:443", Reply(403))
    with pytest.raises(ConnectFailed, match="proxy"):
        ask(
            "https://feeds.example/",
            shape=RequestShape(proxy=origin.url("")),
            settings=STRICT,
        )
    assert origin.requests[0].method == "CONNECT"


def test_the_real_resolver_knows_the_hosts_file_and_says_when_there_is_nothing() -> None:
    async def resolve(host: str) -> set[str]:
        resolver = Resolver()
        try:
            return {found["host"] for found in await resolver.resolve(host, 80)}
        finally:
            await resolver.close()

    assert asyncio.run(resolve("localhost")) & {"127.0.0.1", "::1"}
    with pytest.raises(OSError, match=r"(?i)name|dns|domain"):
        asyncio.run(resolve("no-such-host.invalid"))


def test_without_c_ares_the_c_library_resolves(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable() -> None:
        raise RuntimeError("no c-ares here")

    monkeypatch.setattr("aggregator.http.resolver.AsyncResolver", unavailable)
    origin.on("/", Reply(body=b"x"))
    assert ask(f"http://localhost:{origin.port}/").body == b"x"


def test_without_a_name_server_the_c_library_is_asked(
    origin: Origin, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def no_server(_: object, host: str, *__: object) -> list[ResolveResult]:
        asked.append(host)
        raise OSError(None, "could not contact DNS servers") from aiodns.error.DNSError(11, "no server")

    async def from_the_c_library(_: object, host: str, port: int, __: object) -> list[ResolveResult]:
        asked.append(host)
        return [_resolved(host, "127.0.0.1", port)]

    monkeypatch.setattr(aiohttp.AsyncResolver, "resolve", no_server)
    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", from_the_c_library)
    origin.on("/", Reply(body=b"x"))
    assert ask(f"http://wiki.lan:{origin.port}/").body == b"x"
    assert asked == ["wiki.lan", "wiki.lan"]
