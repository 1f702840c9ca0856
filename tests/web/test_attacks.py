"""The real server (`aggregator web`) among people who mean it harm.

Others are served meanwhile, nothing leaks, nothing grows, and every answer wears its armour.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator

import pytest

from tests.hostile.memory import pss_mb
from tests.running import Running, free_port, running, wait_until

TOKEN = "correct-horse-battery-staple"
CONFIG = """
site: {{title: Besieged, url: 'http://127.0.0.1:{port}', contact: editor@paper.example}}
web: {{listen: '127.0.0.1:{port}', admin_token: {token}}}
database: sqlite:///besieged.db
feeds: {{all: {{title: All, query: ''}}}}
sources:
  - {{url: 'http://paper.example/feed', name: Paper}}
"""
#: what every answer must carry, whatever it answers
ARMOUR = ("content-security-policy", "x-content-type-options", "referrer-policy")
FORM = b"Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("besieged"), free_port()
    config = folder / "besieged.yaml"
    config.write_text(CONFIG.format(port=port, token=TOKEN), "utf-8")
    with running(config, f"http://127.0.0.1:{port}", "web") as program:
        yield program


def connect(server: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=30)


def say(server: Running, request: bytes) -> bytes:
    """Send bytes as they are; return all that is answered until the connection ends or nothing comes."""
    with connect(server) as line:
        line.settimeout(3)
        with contextlib.suppress(OSError):
            line.sendall(request)
        parts = []
        with contextlib.suppress(OSError):
            while part := line.recv(65536):
                parts.append(part)
        return b"".join(parts)


def ask(server: Running, target: str, *fields: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """One request, its target and fields exactly as given."""
    lines = [f"{method} {target} HTTP/1.1", "Host: x", *fields, "Connection: close", "", ""]
    answer = say(server, "\r\n".join(lines).encode("latin-1"))
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *named = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in named)}
    return int(status.split()[1]) if status else 0, headers, body


SLOW = {
    "who connect and say nothing": (b"", 300),
    "who never end their headers": (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", 300),
    "who never send their form": (b"POST /hub HTTP/1.1\r\n" + FORM + b"Content-Length: 900\r\n\r\nhub.", 60),
    "who never send their token": (
        b"POST /admin/login HTTP/1.1\r\n" + FORM + b"Content-Length: 9\r\n\r\nt",
        60,
    ),
    "who never end a chunk": (
        b"POST /hub HTTP/1.1\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        60,
    ),
    "who send a body with a GET": (b"GET /status HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n", 60),
    "who never read": (b"GET /feeds/all.atom HTTP/1.1\r\nHost: x\r\n\r\n" * 50, 100),
}


@pytest.mark.parametrize(("sent", "count"), SLOW.values(), ids=SLOW)
def test_others_are_served_beside_those(server: Running, sent: bytes, count: int) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(connect(server)).sendall(sent)
        for path in ("/", "/feeds/all.atom", "/status", "/healthz", "/search?q=x") * 2:
            assert server.get(path)[0] == 200


def test_a_form_that_does_not_come_is_given_up(server: Running) -> None:
    with connect(server) as line:
        line.sendall(b"POST /hub HTTP/1.1\r\n" + FORM + b"Content-Length: 900\r\n\r\nhub.")
        assert line.recv(65536).startswith(b"HTTP/1.1 408 ")
    # and forms that do come are taken again
    wait_until(
        lambda: ask(server, "/hub", "Content-Length: 0", method="POST")[0] == 400, what="a form to be read"
    )


@pytest.mark.parametrize(
    "target",
    [
        *("/", "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/status", "/status.json", "/metrics"),
        *(
            "/healthz",
            "/readyz",
            "/nowhere",
            "/admin",
            "/static/style.css",
            "/static/nothing.css",
            "/search?q=(",
        ),
        *("/opml/sources.opml", "/robots.txt", "/articles/9", "/feeds/all.atom?limit=0", "/websub/guess"),
        *("/search", "/search?q=x", "/feeds/all", "/sources/paper", "/feeds/all/archive/9.atom"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "BREW"])
def test_every_answer_wears_its_armour(server: Running, target: str, method: str) -> None:
    status, headers, body = ask(server, target, "Content-Length: 0", method=method)
    assert 200 <= status < 500
    assert [name for name in ARMOUR if name not in headers] == [], (status, headers)
    assert "set-cookie" not in headers
    assert "default-src 'none'" in headers["content-security-policy"]
    if method not in ("GET", "HEAD", "OPTIONS"):
        assert status in (400, 403, 404, 405, 410), body
    if target.partition("?")[0] not in ("/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json"):
        assert headers.get("access-control-allow-origin", "*") == "*"
        assert "access-control-allow-credentials" not in headers


TRAVERSALS = [
    *("/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/%2e%2e%2fapp.py"),
    *("/static/..%252fapp.py", "/static/..%c0%afapp.py", "/static/..%5capp.py", "/static/....//app.py"),
    *("/static//etc/passwd", "/static/%00", "/static/style.css%00.png", "/../../../../etc/passwd"),
    *("/feeds/../../../../etc/passwd", "/feeds/..%2f..%2f..%2fetc%2fpasswd.atom", "/opml/..%2fsources.opml"),
    *("//etc/passwd", "/%2fetc/passwd", "/./././etc/passwd", "/static/.", "/static/..", "/static/~root"),
    *("file:///etc/passwd", "http://127.0.0.1/etc/passwd", "*", "/%ff%fe", "/\\..\\..\\etc\\passwd"),
]


@pytest.mark.parametrize("target", TRAVERSALS)
def test_no_path_leads_out(server: Running, target: str) -> None:
    status, _, body = ask(server, target)
    assert status in (200, 301, 308, 400, 404)
    assert b"root:" not in body
    assert b"import " not in body


GARBAGE = [
    "",
    '"',
    "*",
    "W/",
    '"a' * 500,
    'W/W/"x"',
    "\x01\x02",
    "é" * 200,
    ",,,,",
    "0",
    "-1",
    "bytes=0-",
    "x" * 4000,
]
FIELDS = [
    *("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range", "Accept"),
    *(
        "Accept-Encoding",
        "Accept-Language",
        "Accept-Charset",
        "Cookie",
        "Authorization",
        "Content-Type",
        "TE",
    ),
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Original-URL", "X-HTTP-Method-Override"),
    *("Expect", "Upgrade", "Origin", "Referer", "User-Agent", "Via", "Forwarded", "Cache-Control", "Pragma"),
]


@pytest.mark.parametrize("field", FIELDS)
def test_garbage_in_a_header_field_is_answered(server: Running, field: str) -> None:
    for value in GARBAGE:
        for target in ("/feeds/all.atom", "/"):
            status, headers, _ = ask(server, target, f"{field}: {value}")
            assert status in (200, 304, 400, 406, 412, 416, 417, 426, 431), (field, value[:20], status)
            assert "206" not in str(status)
            if status in (200, 304):
                assert ARMOUR[0] in headers


def test_huge_requests_are_refused_and_leave_the_server_as_it_was(server: Running) -> None:
    before = server.get("/feeds/all.atom")[2]
    requests = [
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /?" + b"a=b&" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"a=b; " * 5_000 + b"\r\nConnection: close\r\n\r\n",
        b"POST /hub HTTP/1.1\r\n" + FORM + b"Content-Length: 50000000\r\n\r\n" + b"a" * 5_000_000,
        b"POST /hub HTTP/1.1\r\n" + FORM + b"Content-Length: 20000\r\n\r\n" + b"a=b&" * 5000,
        b"POST /hub HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: 16000\r\n\r\n" + b"--b\r\n\r\n\r\n" * 1777,
        b"POST /websub/guess HTTP/1.1\r\nHost: x\r\nContent-Length: 15000000\r\n\r\n" + b"a" * 1_000_000,
        bytes(range(256)) * 1000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    ]
    for request in requests:
        answered = say(server, request)
        assert not answered.startswith(b"HTTP/1.1 5"), request[:60]
    assert server.get("/feeds/all.atom")[2] == before


def test_heads_that_never_end_are_not_hoarded(server: Running) -> None:
    before = pss_mb(server.process.pid)
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            line = stack.enter_context(connect(server))
            with contextlib.suppress(OSError):
                line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 400_000)
        assert server.get("/feeds/all.atom")[0] == 200
        assert pss_mb(server.process.pid) < before + 25


@pytest.mark.parametrize(
    "request_",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        b"GET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\naaaaaGET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
        b"GET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Content-Length: -1\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Content-Length: +0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_two_readings_of_a_length_are_no_way_to_smuggle(server: Running, request_: bytes) -> None:
    """Where lengths contradict one another the request is refused, or the connection ends with it."""
    answered = say(server, b"POST /hub HTTP/1.1\r\n" + FORM + request_)
    assert b"<title>Sign in" not in answered
    statuses = re.findall(rb"HTTP/1\.1 (\d{3})", answered)
    assert len(statuses) <= 2
    assert statuses[:1] in ([], [b"400"], [b"405"], [b"501"])
    if (
        len(statuses) == 2
    ):  # chunked beats the length (RFC 9112 section 6.3): what follows is a request of its own
        assert b"Content-Length: 5\r\nTransfer-Encoding" in request_


def test_another_protocol_is_not_spoken(server: Running) -> None:
    answered = say(server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9))
    assert answered[:12] in (b"", b"HTTP/1.1 400")


def test_questions_that_nobody_else_asks_do_not_grow_the_server(server: Running) -> None:
    """Unknown parameters are one address, and what questions make is kept in bounded memory."""

    def besiege(start: int) -> None:
        with connect(server) as line:
            for number in range(start, start + 1500):
                target = (
                    f"/feeds/all.atom?bust={number}",
                    f"/?bust={number}",
                    f"/feeds/all.atom?q=word{number}",
                    f"/search?q=word{number}",
                    f"/nowhere/{number}",
                )[number % 5]
                line.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                _read_answer(line)

    besiege(0)
    before = pss_mb(server.process.pid)
    besiege(10_000)
    assert pss_mb(server.process.pid) < before + 25
    plain, busted = server.get("/feeds/all.atom"), server.get("/feeds/all.atom?bust=1&x=%3Cscript%3E")
    assert (plain[1]["etag"], plain[2]) == (busted[1]["etag"], busted[2])


def _read_answer(line: socket.socket) -> None:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", head)
    length = int(found[1]) if found else 0
    while len(body) < length:
        body += line.recv(65536)


def test_nothing_of_a_request_is_written_into_the_log(server: Running) -> None:
    bell = "%1b%5d0;owned%07%0d%0aERROR forged"
    for target in (f"/{bell}", f"/search?q={bell}", f"/feeds/{bell}.atom", f"/admin?{bell}"):
        ask(server, target, f"User-Agent: {bell}", f"Referer: {bell}")
    ask(server, "/admin/login", "Content-Length: 12", method="POST")
    written = server.log.read_bytes()
    assert b"forged" not in written
    assert b"\x1b" not in written
    assert TOKEN.encode() not in written


def test_tokens_are_guessed_so_often_and_no_more(server: Running) -> None:
    statuses = []
    for number in range(60):
        body = f"token=guess{number}".encode()
        sent = (
            b"POST /admin/login HTTP/1.1\r\n"
            + FORM
            + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
        )
        statuses.append(say(server, sent + body).split()[1])
    assert set(statuses) == {b"403", b"429"}
    assert statuses.count(b"403") <= 20
