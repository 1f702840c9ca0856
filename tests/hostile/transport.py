"""Answers that are late, long, broken or no HTTP at all."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.cases import OK, Case, kinds
from tests.hostile.documents import item, rss
from tests.hostile.server import Line, Play, answer, head

FEED = rss(item(""))
START = head("HTTP/1.1 200 OK", "Content-Type: application/rss+xml", f"Content-Length: {len(FEED)}")
CHUNKED = head("HTTP/1.1 200 OK", "Content-Type: application/rss+xml", "Transfer-Encoding: chunked")
OPEN_END = head("HTTP/1.1 200 OK", "Content-Type: application/rss+xml", "Connection: close")
MEGABYTE = b"x" * 1_000_000
BROKEN = kinds("transfer", "connect", "too-large")


def say(*parts: bytes) -> Play:
    """A play that says this and ends."""
    return lambda line: line.send(*parts)


def then_reset(*parts: bytes) -> Play:
    """A play that says this and breaks off."""

    def play(line: Line) -> None:
        line.send(*parts)
        line.wait(0.05)
        line.reset()

    return play


def then_wait(*parts: bytes) -> Play:
    """A play that says this and nothing more."""

    def play(line: Line) -> None:
        line.send(*parts)
        line.wait()

    return play


def then_endless(start: bytes, more: bytes, pause_s: float = 0.0) -> Play:
    """A play that begins with this and goes on with that for ever."""

    def play(line: Line) -> None:
        line.send(start)
        line.endless(more, pause_s)

    return play


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def slow() -> Iterator[Case]:
    """Who takes his time."""
    late = kinds("timeout")
    yield Case("says nothing", lambda line: line.wait(), late)
    yield Case("takes the connection and says nothing", lambda line: line.wait(), late, greets=True)
    yield Case("drips its status line", lambda line: line.drip(b"HTTP/1.1 200 OK" + b" " * 4000), late)
    yield Case("drips header fields", then_endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.1), late)
    yield Case("drips its body", lambda line: (line.send(START), line.drip(FEED * 20, 0.1)), late)
    yield Case("drips chunks", then_endless(CHUNKED, b"1\r\nx\r\n", 0.1), late)
    yield Case("drips an endless chunk size", then_endless(CHUNKED, b"0", 0.1), late | BROKEN)
    yield Case(
        "drips interim answers", then_endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1), late | BROKEN
    )
    yield Case("stops in the middle", then_wait(START + FEED[:100]), late)
    yield Case("stops before the last chunk", then_wait(CHUNKED + chunk(FEED)), late)
    away = head("HTTP/1.1 302 Found", "Location: /x") * 40
    yield Case("drips a redirect", lambda line: line.drip(away), late | kinds("redirect", "http"))


def endless() -> Iterator[Case]:
    """Who never comes to an end."""
    yield Case("an endless body", then_endless(OPEN_END, MEGABYTE), kinds("too-large", "timeout"))
    yield Case(
        "an endless body in chunks", then_endless(CHUNKED, chunk(MEGABYTE)), kinds("too-large", "timeout")
    )
    yield Case("an endless error page", then_endless(
        OPEN_END.replace(b"200 OK", b"503 Busy"), MEGABYTE), kinds("http"))  # fmt: skip
    yield Case("an endless body of a redirect", then_endless(
        head("HTTP/1.1 302 Found", "Location: /nowhere"), MEGABYTE), kinds("http"))  # fmt: skip
    yield Case("endless header fields", then_endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000), BROKEN)
    yield Case("an endless header field", then_endless(b"HTTP/1.1 200 OK\r\nX-A: ", MEGABYTE), BROKEN)
    yield Case("an endless status line", then_endless(b"HTTP/1.1 200 ", MEGABYTE), BROKEN)
    yield Case("endless interim answers", then_endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
               BROKEN | kinds("timeout"))  # fmt: skip
    yield Case(
        "an endless chunk extension", then_endless(CHUNKED + b"1;", MEGABYTE), BROKEN | kinds("timeout")
    )
    yield Case("an endless trailer", then_endless(
        CHUNKED + chunk(FEED) + b"0\r\n", b"X-A: b\r\n" * 1000), BROKEN | kinds(OK))  # fmt: skip
    yield Case("a million tiny chunks", say(CHUNKED, b"1\r\n \r\n" * 1_000_000, chunk(FEED), b"0\r\n\r\n"),
               BROKEN | kinds(OK, "timeout"))  # fmt: skip
    yield Case("a thousand header fields", say(
        b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000, b"\r\n", FEED), kinds("too-large"))  # fmt: skip
    yield Case("a header field of a megabyte", say(
        b"HTTP/1.1 200 OK\r\nX-A: ", MEGABYTE, b"\r\n\r\n", FEED), BROKEN)  # fmt: skip


def broken() -> Iterator[Case]:
    """Who breaks off, at every stage."""
    gone = kinds("connect", "transfer")
    yield Case("closes before the request", lambda line: None, gone | kinds("timeout"), greets=True)
    yield Case("resets before the request", lambda line: line.reset(), gone, greets=True)
    stages = {
        "the request": b"",
        "half a status line": b"HTTP/1.",
        "the status line": b"HTTP/1.1 200 OK\r\n",
        "half a header field": b"HTTP/1.1 200 OK\r\nContent-Le",
        "the head": START,
        "half the body": START + FEED[:99],
        "half a chunk size": CHUNKED + b"1",
        "half a chunk": CHUNKED + b"100\r\n<rss>",
        "a whole chunk": CHUNKED + chunk(FEED),
    }
    for stage, sent in stages.items():
        yield Case(f"resets after {stage}", then_reset(sent), gone)
        yield Case(f"closes after {stage}", say(sent), gone)


def lengths() -> Iterator[Case]:
    """Who cannot count."""
    said = {
        "a length too long": f"Content-Length: {len(FEED) + 7}",
        "a negative length": "Content-Length: -1",
        "a length beyond numbers": f"Content-Length: {'9' * 60}",
        "a length in words": "Content-Length: twelve",
        "a length with a sign": f"Content-Length: +{len(FEED)}",
        "two lengths": f"Content-Length: {len(FEED)}\r\nContent-Length: 3",
        "two lengths in one": f"Content-Length: {len(FEED)}, 3",
        "a length and chunks": f"Content-Length: {len(FEED)}\r\nTransfer-Encoding: chunked",
    }
    for name, field in said.items():
        yield Case(name, say(head("HTTP/1.1 200 OK", field, "Connection: close"), FEED), BROKEN)
    short = head("HTTP/1.1 200 OK", "Content-Length: 150", "Connection: close")
    yield Case("a length too short", say(short, FEED), kinds(OK, "parse", *BROKEN))
    yield Case("a length of ten gigabytes", then_endless(
        head("HTTP/1.1 200 OK", "Content-Length: 10000000000"), MEGABYTE), kinds("too-large"))  # fmt: skip
    for name, size in {
        "no number": b"zz",
        "2 to the 80": b"f" * 20,
        "minus one": b"-1",
        "nothing": b"",
    }.items():
        yield Case(f"a chunk size of {name}", say(CHUNKED, size, b"\r\n", FEED, b"\r\n0\r\n\r\n"), BROKEN)
    yield Case("an unknown transfer coding", say(
        head("HTTP/1.1 200 OK", "Transfer-Encoding: xor, chunked"), chunk(FEED), b"0\r\n\r\n"),
        kinds(OK, "not-a-feed", *BROKEN))  # fmt: skip


def nonsense() -> Iterator[Case]:
    """Who speaks something else, or almost HTTP."""
    wrong = kinds("transfer", "connect", "http", "too-large")
    lines = {
        "no HTTP": b"hello\r\n\r\n",
        "HTTP 0.9": FEED,
        "HTTP of the future": b"HTTP/9.9 200 OK\r\n\r\n" + FEED,
        "a status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
        "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
        "a status of a thousand": b"HTTP/1.1 1000 OK\r\n\r\n",
        "a status below zero": b"HTTP/1.1 -200 OK\r\n\r\n",
        "zeros": b"\0" * 10_000,
        "noise": bytes(range(256)) * 40,
        "TLS in answer to plain": b"\x15\x03\x01\x00\x02\x02\x28",
        "a mail server": b"220 mail.h.example ESMTP\r\n",
        "a header field without a colon": b"HTTP/1.1 200 OK\r\nhello world\r\n\r\n",
        "a header field without a name": b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        "a NUL in a header field": b'HTTP/1.1 200 OK\r\nETag: "a\0b"\r\n\r\n',
        "returns in a header field": b"HTTP/1.1 200 OK\r\nETag: a\rb: c\r\n\r\n",
        "a blank before a colon": b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
        "a switch of protocols": b"HTTP/1.1 101 Switch\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
        "a 200 without a body": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "a 204": b"HTTP/1.1 204 No Content\r\n\r\n",
        "a 206 that nobody asked for": answer(FEED, status="206 Partial Content"),
        "a 304 that nobody asked for": b"HTTP/1.1 304 Not Modified\r\n\r\n",
        "a status that does not exist": answer(FEED, status="799 Whatever"),
    }
    for name, sent in lines.items():
        yield Case(name, say(sent), wrong)
    yield Case("header fields folded and bare", say(
        b"HTTP/1.1 200 OK\nX-A: b\n c\nContent-Type: text/xml\n\n", FEED), wrong | kinds(OK))  # fmt: skip
    yield Case("speaks before it is asked", say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
               wrong | kinds("not-a-feed"), greets=True)  # fmt: skip
    yield Case("plain words where TLS is meant", say(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
               kinds("tls", "connect"), scheme="https", greets=True)  # fmt: skip
    yield Case("a handshake that never ends", lambda line: line.wait(), kinds("timeout", "tls", "connect"),
               scheme="https", greets=True)  # fmt: skip
    yield Case("two answers at once", say(answer(FEED).replace(b"close", b"keep-alive"), answer(b"<rss/>")),
               wrong | kinds(OK))  # fmt: skip


def odd() -> Iterator[Case]:
    """Who keeps to the letter of HTTP, or nearly, and means nobody well."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: <http://trap.invalid/hub>; rel=hub\r\n\r\n"
    yield Case("a dozen interim answers", say(early * 12 + answer(FEED)), kinds(OK))
    yield Case("words after an interim answer", say(
        b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello", answer(FEED)), BROKEN)  # fmt: skip
    for status in (
        "201 Created",
        "205 Reset Content",
        "226 IM Used",
        "300 Multiple Choices",
        "305 Use Proxy",
    ):
        yield Case(f"a feed under {status}", say(
            answer(FEED, "Location: http://trap.invalid/", status=status)), kinds("http"))  # fmt: skip
    for wait, kind in {
        "9" * 20: "rate-limited",
        "30s": "http",
        "Fri, 31 Dec 9999 23:59:59 GMT": "rate-limited",
    }.items():
        yield Case(f"a busy server that says {wait}", say(
            answer(b"", f"Retry-After: {wait}", status="503 Busy")), kinds(kind))  # fmt: skip
    old = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n"
    yield Case("HTTP/1.0 that stays open", then_wait(old + FEED), kinds("timeout"))
    yield Case("a length, and more than it says", say(
        answer(FEED).replace(b"close", b"keep-alive"), b"garbage" * 50), BROKEN | kinds(OK))  # fmt: skip
    for when, play in {
        "at once": lambda line: line.reset(),
        "soon": lambda line: (line.wait(0.1), line.reset()),
    }.items():
        yield Case(f"a handshake reset {when}", play, kinds("tls", "connect"), scheme="https", greets=True)


def transport() -> Iterator[Case]:
    """Everything that can go wrong on the way."""
    for group in (slow, endless, broken, lengths, nonsense, odd):
        yield from group()
