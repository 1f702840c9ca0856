"""The HTTP side of the demo world: in flow requests on loopback, out flow answers and a log of both.

``answer()`` decides without a socket; ``Origin`` carries it. Validators are honest: strong ETags of the
bytes of each coding, Last-Modified of the newest change, 304 for both (RFC 9110 §13).
"""

from __future__ import annotations

import gzip
import socket
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.worldformats import MEDIA_TYPES, write
from tests.worldpages import article_page, home_page, index_page
from tests.worldsheet import Record, Sheet, rfc822
from tests.worldstock import plain

if TYPE_CHECKING:
    from tests.world import World


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the origin's log."""

    at: datetime
    method: str
    #: with the query
    path: str
    #: lower-case names
    headers: Mapping[str, str]
    status: int
    #: bytes of the body sent
    sent: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers and a body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: seconds to wait before answering
    delay_s: float = 0.0


def answer(world: World, method: str, target: str, headers: Mapping[str, str]) -> Answer:
    """Return what the origin says to one request; *headers* have lower-case names."""
    parts = urlsplit(target)
    if parts.path.startswith("/_world/"):
        return _control(world, method, parts.path, parse_qs(parts.query))
    if method not in ("GET", "HEAD"):
        return Answer(405, {"Allow": "GET, HEAD"})
    if (sheet := world.sheet(parts.path)) is not None:
        return _document(sheet, headers)
    if (oddity := _oddity(world, parts.path)) is not None:
        return oddity
    if parts.path.startswith("/media/"):
        return _media(world, parts.path.removeprefix("/media/"), headers)
    page = _page(world, parts.path)
    return Answer(404, {"Content-Type": "text/plain"}, b"Nothing here.\n") if page is None else page


def _document(sheet: Sheet, headers: Mapping[str, str]) -> Answer:
    body = write(sheet)
    spec = sheet.spec
    is_gzip = "gzip" in headers.get("accept-encoding", "")
    tag = blake2b(body, digest_size=8).hexdigest() + ("-gz" if is_gzip else "")
    etag = f'W/"{tag}"' if spec.validators == "weak" else f'"{tag}"'
    modified = rfc822(sheet.modified)
    out = {"Vary": "Accept-Encoding"}
    if spec.validators in ("both", "etag", "weak"):
        out["ETag"] = etag
    if spec.validators in ("both", "last-modified"):
        out["Last-Modified"] = modified
    if spec.cache:
        out["Cache-Control"] = spec.cache
    if _is_not_modified(headers, out, sheet.modified):
        return Answer(304, out, delay_s=spec.delay_s)
    kind = MEDIA_TYPES[spec.format]
    out["Content-Type"] = kind if kind == "text/xml" else f"{kind}; charset={spec.encoding}"
    if is_gzip:
        out["Content-Encoding"] = "gzip"
        body = gzip.compress(body, mtime=0)
    return Answer(200, out, body, spec.delay_s)


def _is_not_modified(asked: Mapping[str, str], ours: Mapping[str, str], modified: datetime) -> bool:
    """If-None-Match decides alone where it is sent (RFC 9110 §13.2.2)."""
    if "if-none-match" in asked and "ETag" in ours:
        known = {tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")}
        return ours["ETag"].removeprefix("W/") in known or "*" in known
    if "if-modified-since" not in asked or "Last-Modified" not in ours:
        return False
    try:
        since = parsedate_to_datetime(asked["if-modified-since"])
    except ValueError:
        return False
    return modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _oddity(world: World, path: str) -> Answer | None:
    for paper in world.papers.values():
        odd = paper.oddities.get(path.removeprefix(f"/{paper.slug}/"))
        if odd is None or not path.startswith(f"/{paper.slug}/"):
            continue
        headers = {"Content-Type": odd.get("type", "text/html; charset=utf-8")}
        if "to" in odd:
            headers["Location"] = odd["to"].replace("{{base}}", world.base_url)
        headers |= odd.get("headers", {})
        return Answer(odd["status"], headers, odd.get("body", "").encode(), odd.get("delay_s", 0.0))
    return None


def _media(world: World, name: str, headers: Mapping[str, str]) -> Answer:
    found = world.media(name)
    if found is None:
        return Answer(404, {"Content-Type": "text/plain"}, b"No such picture or sound.\n")
    body, kind = found
    out = {"Content-Type": kind, "Accept-Ranges": "bytes", "Cache-Control": "max-age=86400"}
    asked = headers.get("range", "").removeprefix("bytes=").split("-")
    if len(asked) == 2 and asked[0].isdigit() and int(asked[0]) < len(body):
        first = int(asked[0])
        last = min(int(asked[1]), len(body) - 1) if asked[1].isdigit() else len(body) - 1
        out["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        return Answer(206, out, body[first : last + 1])
    return Answer(200, out, body)


def _page(world: World, path: str) -> Answer | None:
    html = {"Content-Type": "text/html; charset=utf-8"}
    slug, _, name = path.strip("/").partition("/")
    if not slug:
        return Answer(200, html, index_page(world).encode())
    paper = world.papers.get(slug)
    if paper is None:
        return None
    if not name:
        return Answer(200, html, home_page(world, paper).encode())
    for record in world.records(slug):
        if name == record.item.id:
            return Answer(200, html, article_page(world, paper, record).encode())
        if record.audio and name.startswith(f"{record.item.id}."):
            return _beside(record, name)
    return None


def _beside(record: Record, name: str) -> Answer | None:
    """Return what lies beside an episode: its transcript or its chapters."""
    if name.endswith(".txt"):
        return Answer(200, {"Content-Type": "text/plain; charset=utf-8"}, plain(record.body).encode())
    if name.endswith(".chapters.json"):
        chapters = b'{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "All of it"}]}'
        return Answer(200, {"Content-Type": "application/json+chapters"}, chapters)
    return None


def _control(world: World, method: str, path: str, query: Mapping[str, list[str]]) -> Answer:
    """POST /_world/advance?seconds=60 and /_world/release?id=… turn the clock from another process."""
    if method != "POST":
        return Answer(405, {"Allow": "POST"})
    try:
        if path == "/_world/advance":
            world.advance(float(query["seconds"][0]))
        elif path == "/_world/release":
            world.release(query["id"][0])
        else:
            return Answer(404)
    except (KeyError, ValueError) as problem:
        return Answer(400, {"Content-Type": "text/plain"}, f"{problem}\n".encode())
    return Answer(204)


class Origin:
    """A world served on loopback, in threads of its own; use as a context manager.

    Port 0 takes a free one. ``log`` holds the last 20,000 answered requests, oldest first.
    """

    def __init__(
        self, world: World, *, host: str = "127.0.0.1", port: int = 0, longest_delay_s: float = 30
    ) -> None:
        self.world = world
        self.longest_delay_s = longest_delay_s
        self.log: deque[Request] = deque(maxlen=20_000)
        #: ends the wait of slow answers
        self.is_closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = _Server((host, port), _Handler)
        self._server.origin = self
        self.url = f"http://{host}:{self._server.server_address[1]}"
        world.base_url = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Origin:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closing.set()
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                # a handler waiting for the next request of a kept-alive connection wakes up and ends
                connection.shutdown(socket.SHUT_RD)
        self._server.server_close()

    def paths(self, method: str = "GET") -> list[str]:
        """Return the paths asked for so far, in order."""
        return [request.path for request in list(self.log) if request.method == method]

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection until it is closed."""
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._open.discard(connection)


class _Server(ThreadingHTTPServer):
    # threads are joined at server_close, so no socket outlives the origin
    daemon_threads = False
    request_queue_size = 128
    origin: Origin

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away in mid-answer are a normal day."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "DemoWorld/1"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: _Server

    def setup(self) -> None:
        self.server.origin.opened(self.request)
        super().setup()

    def finish(self) -> None:
        self.server.origin.closed(self.request)
        super().finish()

    def handle_any(self) -> None:
        origin = self.server.origin
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = answer(origin.world, self.command, self.path, headers)
        if said.delay_s:
            origin.is_closing.wait(min(said.delay_s, origin.longest_delay_s))
        body = b"" if self.command == "HEAD" else said.body
        # before the answer leaves: whoever has the answer finds the request in the log
        now = datetime.now(UTC)
        origin.log.append(Request(now, self.command, self.path, headers, said.status, len(body)))
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if said.status not in (204, 304):
            self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    do_GET = handle_any  # noqa: N815 - the name that http.server calls
    do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on standard error: the log is kept in memory."""
