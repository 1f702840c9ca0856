"""Where the status says it all, a body that breaks off or never comes takes nothing from it."""

from __future__ import annotations

import gzip

import pytest

from tests.hostile.server import Hostile, Play, answer, head
from tests.hostile.transport import CHUNKED, MEGABYTE, chunk, say, then_endless, then_reset, then_wait
from tests.http.conftest import Ask

PACKED = gzip.compress(b"<html>" + bytes(100_000))
BODIES = {
    "never comes": lambda start: then_wait(start(b"Content-Length: 99\r\n")),
    "never ends": lambda start: then_endless(start(b""), MEGABYTE),
    "is shorter than it says": lambda start: say(start(b"Content-Length: 99\r\n") + b"x"),
    "is reset": lambda start: then_reset(start(b"Content-Length: 99\r\n")),
    "ends in the middle of a chunk": lambda start: say(start(b"Transfer-Encoding: chunked\r\n") + b"99\r\nx"),
    "is no gzip": lambda start: say(start(b"Content-Encoding: gzip\r\n") + b"\x1f\x8b\x08x"),
    "is half a gzip": lambda start: say(start(b"Content-Encoding: gzip\r\n") + PACKED[:50]),
    "is longer than we take": lambda start: say(start(b"Content-Length: 90000000\r\n"), MEGABYTE),
}  # fmt: skip


def begun(status: str, *fields: str):
    """A function that begins an answer with this status, given further header fields."""
    lines = "".join(f"{field}\r\n" for field in fields).encode()
    return lambda more: b"HTTP/1.1 %s\r\n%s%s\r\n" % (status.encode(), lines, more)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", ["301 Moved Permanently", "307 Temporary Redirect"])
def test_a_redirect_is_followed_whatever_its_body(ask: Ask, status: str, body: str) -> None:
    with Hostile() as origin:
        origin.on("/", BODIES[body](begun(status, "Location: /there")))
        origin.on("/there", say(answer(b"<rss/>")))
        assert ask(origin.url("/")).body == b"<rss/>"


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "429 Too Many Requests"])
def test_an_error_counts_whatever_its_body(ask: Ask, status: str, body: str) -> None:
    with Hostile() as origin:
        origin.on("/", BODIES[body](begun(status, "Retry-After: 77")))
        got = ask(origin.url("/"))
    assert (got.status, got.headers["retry-after"]) == (int(status[:3]), "77")


@pytest.mark.parametrize("body", BODIES)
def test_what_was_posted_has_arrived_whatever_comes_behind_the_status(ask: Ask, body: str) -> None:
    with Hostile() as origin:
        origin.on("/hook", BODIES[body](begun("200 OK")))
        assert ask(origin.url("/hook"), method="POST", body=b"{}").status == 200


@pytest.mark.parametrize("status", ["304 Not Modified", "204 No Content"])
def test_an_answer_that_has_no_body_has_none_whatever_follows(ask: Ask, status: str) -> None:
    page = b"<html>\r\n\r\n" + bytes(3000)
    fields: dict[str, Play] = {
        "a length": say(head(f"HTTP/1.1 {status}", f"Content-Length: {len(page)}") + page),
        "no length": say(head(f"HTTP/1.0 {status}") + page),
        "chunks": say(CHUNKED.replace(b"200 OK", status.encode()) + chunk(page)),
    }
    with Hostile() as origin:
        for number, play in enumerate(fields.values()):
            got = ask(origin.on(f"/{number}", play))
            assert (got.status, got.body) == (int(status[:3]), b"")
