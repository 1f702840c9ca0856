"""An origin without manners: raw sockets, one function a path, and nothing of HTTP that is not written out.

A play gets the accepted connection and does with it what it likes: sends, waits, resets, never ends.
A trap is an address that must never be called; it counts who does.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self

#: a play that does not end by itself is ended after so long; the program's own deadline comes first
LONGEST_S = 60.0


class Closing(Exception):
    """The origin is being closed: the play ends."""


class Line:
    """One connection, as a play has it."""

    def __init__(self, connection: socket.socket, closing: threading.Event) -> None:
        self._connection, self._closing = connection, closing
        #: the request's head; empty before it was read
        self.head = b""

    def read_request(self) -> str:
        """Wait for a request's head and return its target."""
        while b"\r\n\r\n" not in self.head:
            data = self._connection.recv(65536)
            if not data:
                raise ConnectionError
            self.head += data
        return self.head.split(b" ", 2)[1].decode("latin-1")

    def send(self, *parts: bytes) -> None:
        """Send bytes as they are."""
        for part in parts:
            self._connection.sendall(part)

    def send_file(self, start: bytes, path: Path) -> None:
        """Send a head and what a file holds."""
        with path.open("rb") as file:
            self.send(start)
            self._connection.sendfile(file)

    def wait(self, seconds: float = LONGEST_S) -> None:
        """Say nothing for a while."""
        if self._closing.wait(seconds):
            raise Closing

    def drip(self, data: bytes, pause_s: float = 0.05) -> None:
        """Send one byte after the other."""
        for byte in data:
            self.send(bytes([byte]))
            self.wait(pause_s)

    def endless(self, data: bytes, pause_s: float = 0.0) -> None:
        """Send the same until the other side leaves."""
        while not self._closing.is_set():
            self.send(data)
            if pause_s:
                self.wait(pause_s)

    def reset(self) -> None:
        """Break the connection off."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()


Play = Callable[[Line], None]


class Hostile:
    """A server on one port; a context manager.

    Args:
        greet: what happens to every connection before a request is read; None: nothing.
    """

    def __init__(self, host: str = "127.0.0.1", greet: Play | None = None) -> None:
        self._greet = greet
        self._plays: dict[str, Play] = {}
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        #: requests by path
        self.asked: Counter[str] = Counter()
        #: connections accepted
        self.connections = 0
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=256)
        self.host, self.port = host, int(self._listener.getsockname()[1])

    @property
    def at(self) -> str:
        """``host:port``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, path: str = "/", scheme: str = "http") -> str:
        """The absolute URL of *path* here."""
        return f"{scheme}://{self.at}{path}"

    def on(self, path: str, play: Play) -> str:
        """Answer *path* with *play* and return its URL."""
        self._plays[path] = play
        return self.url(path)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(LONGEST_S)
        self._open.add(connection)
        line = Line(connection, self._closing)
        with contextlib.suppress(OSError, Closing, IndexError), connection:
            if self._greet:
                self._greet(line)
            target = line.read_request()
            self.asked[target] += 1
            play = self._plays.get(target.partition("?")[0])
            if play is None:
                line.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            play(line)
            # what was sent arrives before the connection ends, although the request was not read whole; and a
            # program with its hands full comes to it late: the kernel keeps it for long only if we stay
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(LONGEST_S)
            while connection.recv(65536):
                pass
        self._open.discard(connection)


def answer(
    body: bytes, *headers: str, status: str = "200 OK", content_type: str = "application/rss+xml"
) -> bytes:
    """A proper answer, whole."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *headers,
        "Connection: close",
    ]
    return head(*lines) + body


def head(*lines: str) -> bytes:
    """A head of these lines."""
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")
