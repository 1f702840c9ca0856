"""Hostile and broken transport: every way an answer can go wrong ends in a named error, in time."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace

import brotli
import pytest
import zstandard

from aggregator.http.client import Client
from aggregator.http.errors import (
    ConnectFailed,
    DnsFailed,
    HttpError,
    Refused,
    TimedOut,
    TooLarge,
    TransferBroken,
)
from aggregator.model import FetchSettings
from tests.http.conftest import Ask
from tests.origin import Origin, Reply, redirect

HURRIED = FetchSettings(
    allow_private=("127.0.0.0/8",), timeout_s=0.4, max_wire_bytes=200_000, max_decoded_bytes=400_000
)
LIMITED = replace(HURRIED, timeout_s=20)
GZIP = (("Content-Encoding", "gzip"),)
OK = b"HTTP/1.1 200 OK\r\n"

BODY = b"<rss>" + b"x" * 5000 + b"</rss>"
PACKED = gzip.compress(b"".join(b"%d," % i for i in range(5000)))

BROKEN = {
    "a Content-Length longer than the body": Reply(body=BODY, length=len(BODY) + 1),
    "a chunk that never ends": Reply(body=BODY, chunk=1000, close_after=3000),
    "chunks without the last one": Reply(body=BODY, chunk=5011, close_after=-5),
    "a chunk size that is no number": Reply(
        raw=OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"
    ),
    "a reset in the body": Reply(body=BODY, reset_after=2000),
    "gzip that is cut, with its true length": Reply(headers=GZIP, body=PACKED[:-20]),
    "gzip that is cut, without a length": Reply(headers=GZIP, body=PACKED[: len(PACKED) // 2], length=-1),
    "gzip in three layers": Reply(
        headers=(("Content-Encoding", "gzip, gzip"), ("Content-Encoding", "gzip")), body=gzip.compress(PACKED)
    ),
    "no HTTP at all": Reply(raw=b"220 mail.example ESMTP\r\n"),
    "an impossible status line": Reply(raw=b"HTTP/1.1 abc OK\r\n\r\n"),
    "a header line without a colon": Reply(raw=OK + b"nonsense\r\n\r\n"),
    "two different lengths": Reply(raw=OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
    "a negative length": Reply(raw=OK + b"Content-Length: -1\r\n\r\nxx"),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_transfer_is_named(origin: Origin, ask: Ask, reply: Reply) -> None:
    with pytest.raises(TransferBroken) as broken:
        ask(origin.on("/", reply))
    assert broken.value.reason
    assert broken.value.url == origin.url("/")


TOO_LARGE = {
    "a Content-Length beyond the limit": Reply(body=b"x" * 10, length=200_001),
    "an endless body": Reply(raw=OK + b"\r\n" + b"x" * 4096, is_endless=True),
    "endless chunks": Reply(body=b"x" * 300_000, chunk=1000),
    "a compression bomb": Reply(headers=GZIP, body=gzip.compress(bytes(20_000_000))),
    "a header field beyond 32 kilobytes": Reply(headers=(("X-Long", "x" * 33_000),), body=b"x"),
    "hundreds of header fields": Reply(raw=OK + b"X-More: x\r\n" * 500 + b"\r\n"),
}


@pytest.mark.parametrize("reply", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_too_much_is_refused(origin: Origin, ask: Ask, reply: Reply) -> None:
    with pytest.raises(TooLarge) as refused:
        ask(origin.on("/", reply), settings=LIMITED)
    assert refused.value.reason


SLOW = {
    "silence": Reply(is_held=True),
    "slow headers": Reply(headers=(("X-Long", "x" * 500),), body=b"x", drip=(1, 0.02)),
    "a drip that resets every other timer": Reply(body=b"x" * 1000, drip=(60, 0.05)),
    "chunks that never come to an end": Reply(body=b"x" * 1000, chunk=1, drip=(70, 0.05)),
}


@pytest.mark.parametrize("reply", SLOW.values(), ids=SLOW.keys())
def test_the_total_deadline_ends_every_kind_of_slowness(origin: Origin, ask: Ask, reply: Reply) -> None:
    start = time.monotonic()
    with pytest.raises((TimedOut, TooLarge)):
        ask(origin.on("/", reply), settings=HURRIED)
    assert time.monotonic() - start < 3.0


def test_the_deadline_covers_all_redirects_together(origin: Origin, ask: Ask) -> None:
    for number in range(5):
        slow = Reply(302, (("Location", f"/{number + 1}"),), drip=(40, 0.06))
        origin.on(f"/{number}", slow)
    with pytest.raises(TimedOut):
        ask(origin.url("/0"), settings=HURRIED)
    assert 1 <= len(origin.requests) < 5


def test_a_closed_port_is_a_failed_connection(ask: Ask) -> None:
    with Origin() as origin:
        url = origin.url("/")
    with pytest.raises(
        ConnectFailed, match=f"does not take connections: nothing listens at port {origin.port}"
    ):
        ask(url)


def test_a_connection_closed_before_the_answer_is_a_failed_connection(origin: Origin, ask: Ask) -> None:
    with pytest.raises(ConnectFailed):
        ask(origin.on("/", Reply(close_after=0)))
    with pytest.raises(ConnectFailed):
        ask(origin.on("/reset", Reply(reset_after=0)))


def test_a_head_cut_short_is_an_error(origin: Origin, ask: Ask) -> None:
    with pytest.raises(HttpError):
        ask(origin.on("/", Reply(body=BODY, close_after=30)))


def test_a_name_without_address_is_a_dns_failure(ask: Ask) -> None:
    with pytest.raises(DnsFailed, match=r"no-such-host\.invalid"):
        ask("http://no-such-host.invalid/feed")


def test_of_an_error_page_only_the_beginning_is_read(origin: Origin, ask: Ask) -> None:
    answer = ask(origin.on("/", Reply(404, body=b"<html>" + b"x" * 1_000_000)))
    assert answer.status == 404
    assert len(answer.body) == 64 * 1024
    cut = ask(origin.on("/cut", Reply(503, body=b"<html>x", length=100)))
    assert (cut.status, cut.body) == (503, b"<html>x")


def test_of_a_packed_error_page_the_beginning_is_unpacked(origin: Origin, ask: Ask) -> None:
    page = b"<html>" + random.Random(7).randbytes(200_000) + bytes(500_000)
    for coding, packed in {
        "gzip": gzip.compress(page),
        "br": brotli.compress(page, quality=1),
        "zstd": zstandard.compress(page),
        "deflate": zlib.compress(page),
    }.items():
        answer = ask(origin.on("/", Reply(403, headers=(("Content-Encoding", coding),), body=packed)))
        assert page.startswith(answer.body)
        assert len(answer.body) > 30_000, coding


def test_a_body_without_length_ends_with_its_connection(origin: Origin, ask: Ask) -> None:
    assert ask(origin.on("/", Reply(body=BODY, length=-1))).body == BODY


def test_chunks_and_codings_together_are_read_whole(origin: Origin, ask: Ask) -> None:
    reply = Reply(headers=GZIP, body=gzip.compress(BODY), chunk=7)
    assert ask(origin.on("/", reply)).body == BODY


def test_an_error_never_carries_the_text_of_a_server_unclean(origin: Origin, ask: Ask) -> None:
    origin.on("/", redirect("gopher://\u202eevil\u200b/x"))
    with pytest.raises(HttpError) as refused:
        ask(origin.url("/"))
    assert refused.value.reason.isprintable()
    assert len(refused.value.reason) <= 300


def test_a_long_header_field_below_the_limit_is_read(origin: Origin, ask: Ask) -> None:
    assert ask(origin.on("/", Reply(headers=(("Link", "<" + "x" * 20_000 + ">"),), body=b"x"))).body == b"x"


def test_a_header_field_that_cannot_be_sent_is_a_named_error(origin: Origin, ask: Ask) -> None:
    with pytest.raises(Refused, match="header field"):
        ask(origin.url("/"), headers=(("X-Bad", "a\r\nHost: b"),))
    assert not origin.requests


def test_a_url_beyond_eight_thousand_characters_is_refused(origin: Origin, ask: Ask) -> None:
    origin.on("/", redirect("/" + "x" * 8000))
    with pytest.raises(Refused, match="longer than 8000"):
        ask(origin.url("/"))


def hang_up(connection: socket.socket) -> None:
    connection.recv(10)
    connection.close()


def reset(connection: socket.socket) -> None:
    connection.recv(10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("end", [hang_up, reset, lambda connection: connection.recv(9000)])
def test_who_takes_a_connection_and_breaks_tls_off_was_reached(
    ask: Ask, end: Callable[[socket.socket], object]
) -> None:
    kept: list[socket.socket] = []

    def take() -> None:
        with contextlib.suppress(OSError):
            while True:
                kept.append(listener.accept()[0])
                end(kept[-1])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        with pytest.raises(HttpError) as broken:
            ask(f"https://127.0.0.1:{listener.getsockname()[1]}/", settings=HURRIED)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    for connection in kept:
        connection.close()
    assert broken.value.is_reached, broken.value.reason


def test_who_begins_to_answer_was_reached_also_over_a_connection_that_was_open(origin: Origin) -> None:
    origin.on("/", [Reply(body=BODY), Reply(body=BODY, drip=(100, 0.3))])

    async def play() -> HttpError:
        async with Client(HURRIED, user_agent="x") as client:
            await client.request("GET", origin.url("/"), timeout_s=20)
            with pytest.raises(TimedOut) as late:
                await client.request("GET", origin.url("/"), timeout_s=1)
            return late.value

    assert asyncio.run(play()).is_reached
    assert {seen.connection for seen in origin.requests} == {1}
