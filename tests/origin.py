"""A scripted web server on loopback, for tests: real sockets, every request logged byte for byte.

Paths are scripted with Reply values, lists of them (the last one repeats), or functions of the
request. Misbehaviour is data: raw bytes, a drip, a reset, a wrong length, silence. Unscripted
paths answer 404. The server runs in threads of its own, so that it serves asyncio tests,
synchronous ones and other processes alike.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self

HeaderPairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    #: the request target exactly as sent, query included
    target: str
    #: in order, names as sent
    headers: tuple[tuple[str, str], ...]
    body: bytes
    #: the head, byte for byte
    raw: bytes
    #: which connection, counted from 1
    connection: int
    #: time.monotonic() at arrival
    at: float

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The first value of a header field, None if it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class Reply:
    """What to answer."""

    status: int = 200
    headers: HeaderPairs = ()
    body: bytes = b""
    #: sent instead of everything above
    raw: bytes | None = None
    #: stated instead of the true Content-Length; None: the true one; -1: none, the end of connection counts
    length: int | None = None
    #: sent in chunks of this size instead of with a length
    chunk: int | None = None
    #: bytes and seconds: so many at a time, with so long a pause
    drip: tuple[int, float] | None = None
    #: the connection is reset after so many bytes of the whole answer
    reset_after: int | None = None
    #: the connection is closed in good order after so many bytes of the whole answer
    close_after: int | None = None
    #: the whole answer again and again until the client leaves
    is_endless: bool = False
    #: nothing is sent before release() or close()
    is_held: bool = False
    #: after this answer the connection goes on inside TLS, as after a proxy's CONNECT
    tunnel: ssl.SSLContext | None = None

    def wire(self, method: str) -> bytes:
        """The answer as bytes."""
        if self.raw is not None:
            return self.raw
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "Unnamed"
        lines = [f"HTTP/1.1 {self.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        body = self.body
        if self.chunk is not None:
            lines.append("Transfer-Encoding: chunked")
            parts = [body[i : i + self.chunk] for i in range(0, len(body), self.chunk)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        elif self.length != -1 and self.status not in {204, 304} and method != "CONNECT":
            lines.append(f"Content-Length: {len(body) if self.length is None else self.length}")
        if self.length == -1:
            lines.append("Connection: close")
        head = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")
        return head if method == "HEAD" or self.status in {204, 304} else head + body

    @property
    def ends_connection(self) -> bool:
        """Whether nothing more can follow on this connection."""
        return self.raw is not None or self.length is not None or self.close_after is not None


Script = Reply | Sequence[Reply] | Callable[[Seen], Reply]


def redirect(location: str, status: int = 302) -> Reply:
    """A redirect to *location*."""
    return Reply(status, (("Location", location),))


def document(
    body: bytes, *, etag: str | None = None, last_modified: str | None = None, headers: HeaderPairs = ()
):
    """A script for a well-behaved document: 304 when a validator matches, else 200."""
    validators = [(n, v) for n, v in (("ETag", etag), ("Last-Modified", last_modified)) if v is not None]

    def answer(seen: Seen) -> Reply:
        asked_etag, asked_date = seen.header("If-None-Match"), seen.header("If-Modified-Since")
        same_etag = etag is not None and asked_etag == etag
        same_date = asked_etag is None and last_modified is not None and asked_date == last_modified
        if same_etag or same_date:
            return Reply(304, (*validators, *headers))
        return Reply(200, (*validators, *headers), body)

    return answer


@dataclass
class Origin:
    """The server; a context manager. ``port`` 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    requests: list[Seen] = field(default_factory=list)
    #: connections accepted so far
    connections: int = 0
    #: most requests in progress at one time
    peak: int = 0

    def __post_init__(self) -> None:
        self._scripts: dict[str, Script] = {}
        self._turns: dict[str, int] = {}
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._busy = 0

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, self.port), family=family, backlog=256)
        self._listener.settimeout(0.2)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving, end every connection and wait for the threads."""
        self._closing.set()
        self._released.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def url(self, path: str = "/") -> str:
        """The absolute URL of *path* here."""
        return f"{'https' if self.tls else 'http'}://{self.at}{path}"

    @property
    def at(self) -> str:
        """``host:port``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def on(self, path: str, script: Script) -> str:
        """Script *path* (with its query, if it has one) and return its URL."""
        self._scripts[path] = script
        self._turns.pop(path, None)
        return self.url(path)

    def seen(self, path: str) -> list[Seen]:
        """The requests for *path*, in order of arrival."""
        return [request for request in self.requests if path in {request.target, request.path}]

    def release(self) -> None:
        """Let held answers go."""
        self._released.set()

    def wait_for(self, path: str, count: int = 1, timeout_s: float = 5.0) -> list[Seen]:
        """Return the requests for *path* as soon as there are *count*; fails after *timeout_s*."""
        deadline = time.monotonic() + timeout_s
        while len(self.seen(path)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.seen(path))} of {count} requests for {path} came")
            self._closing.wait(0.005)
        return self.seen(path)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.settimeout(30)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            with self._lock:
                self._open.add(connection)
            try:
                buffer = b""
                while not self._closing.is_set():
                    seen, buffer = _read_request(connection, buffer, number)
                    reply = self._answer(connection, seen) if seen is not None else None
                    if reply is None:
                        return
                    if reply.tunnel is not None:
                        connection = reply.tunnel.wrap_socket(connection, server_side=True)
                        stack.callback(connection.close)
            finally:
                with self._lock:
                    self._open.discard(connection)

    def _answer(self, connection: socket.socket, seen: Seen) -> Reply | None:
        """Answer; None if the connection ends with it."""
        with self._lock:
            self.requests.append(seen)
            self._busy += 1
            self.peak = max(self.peak, self._busy)
            reply = self._reply(seen)
        try:
            if reply.is_held:
                self._released.wait(30)
            return reply if self._send(connection, reply, reply.wire(seen.method)) else None
        finally:
            with self._lock:
                self._busy -= 1

    def _reply(self, seen: Seen) -> Reply:
        key = seen.target if seen.target in self._scripts else seen.path
        script = self._scripts.get(key, Reply(404, (), b"nothing here"))
        if isinstance(script, Reply):
            return script
        if callable(script):
            return script(seen)
        turn = self._turns.get(key, 0)
        self._turns[key] = turn + 1
        return script[min(turn, len(script) - 1)]

    def _send(self, connection: socket.socket, reply: Reply, wire: bytes) -> bool:
        """Send the answer; True if the connection may serve another request."""
        if reply.reset_after is not None:
            connection.sendall(wire[: reply.reset_after])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            return False
        if reply.close_after is not None:
            wire = wire[: reply.close_after]
        while True:
            for part in _parts(wire, reply.drip):
                connection.sendall(part)
                if reply.drip and self._closing.wait(reply.drip[1]):
                    return False
            if not reply.is_endless or self._closing.is_set():
                return not reply.ends_connection


def _parts(wire: bytes, drip: tuple[int, float] | None) -> Iterable[bytes]:
    size = drip[0] if drip else max(1, len(wire))
    return (wire[i : i + size] for i in range(0, len(wire), size))


def _read_request(connection: socket.socket, buffer: bytes, number: int) -> tuple[Seen | None, bytes]:
    while b"\r\n\r\n" not in buffer:
        data = connection.recv(65536)
        if not data:
            return None, b""
        buffer += data
    head, _, rest = buffer.partition(b"\r\n\r\n")
    request_line, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    method, _, target = request_line.rpartition(" ")[0].partition(" ")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    while len(rest) < length:
        data = connection.recv(65536)
        if not data:
            return None, b""
        rest += data
    seen = Seen(method, target, headers, rest[:length], head, number, time.monotonic())
    return seen, rest[length:]
