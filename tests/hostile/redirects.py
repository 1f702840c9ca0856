"""Redirects that lead in circles, into the cellar, or out of the web."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.cases import OK, Case, kinds
from tests.hostile.server import Line, Play, answer, head
from tests.hostile.transport import FEED

#: ways of writing the address of a service on this machine; {port} is where it listens
CELLAR = [
    *("127.0.0.1:{port}", "2130706433:{port}", "0x7f000001:{port}", "0x7f.1:{port}", "017700000001:{port}"),
    *("0177.0.0.1:{port}", "0177.0x0.0.01:{port}", "127.1:{port}", "127.0.1:{port}", "127.0.0.1.:{port}"),
    *("0.0.0.0:{port}", "0:{port}", "0x0:{port}", "00000000000:{port}", "127.255.255.254:{port}"),
    *("localhost:{port}", "LOCALHOST:{port}", "localhost.:{port}", "a.localhost:{port}"),
    *("[::1]:{port}", "[0:0:0:0:0:0:0:1]:{port}", "[::]:{port}", "[::ffff:127.0.0.1]:{port}"),
    *(
        "[::ffff:7f00:1]:{port}",
        "[0:0:0:0:0:FFFF:7F00:0001]:{port}",
        "[::127.0.0.1]:{port}",
        "[::7f00:1]:{port}",
    ),
    *("[64:ff9b::127.0.0.1]:{port}", "[2002:7f00:1::1]:{port}", "[fe80::1]:{port}", "[fe80::1%25lo]:{port}"),
    *("[fc00::1]:{port}", "[::ffff:0:127.0.0.1]:{port}", "[2001:0:7f00:1::1]:{port}"),
    *("user@127.0.0.1:{port}", "user:pass@127.0.0.1:{port}", "h.example@127.0.0.1:{port}"),
    *("h.example:80@127.0.0.1:{port}", "h.example%40@127.0.0.1:{port}", "h.example\\@127.0.0.1:{port}"),
    *("127.0.0.1:{port}\\@h.example", "127.0.0.1:{port}#@h.example", "127.0.0.1:{port}?@h.example"),
    *("１２７.0.0.1:{port}", "127。0。0。1:{port}", "①②⑦.⓪.⓪.①:{port}", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}"),
    *("%31%32%37.0.0.1:{port}", "127.0.0.1%2F:{port}", "[::1%25]:{port}", "127.0.0.1:0{port}"),
]
#: networks that are nobody's business; nothing listens there
ELSEWHERE = [
    *("169.254.169.254/latest/meta-data/", "[fd00:ec2::254]/latest/", "100.100.100.200/latest/", "10.0.0.1/"),
    *("192.168.1.1/", "172.16.0.1/", "172.31.255.255/", "100.64.0.1/", "198.18.0.1/", "192.0.2.1/"),
    *("203.0.113.7/", "224.0.0.1/", "255.255.255.255/", "240.0.0.1/", "[ff02::1]/", "[2001:db8::1]/"),
    *("168.63.129.16/machine", "192.88.99.1/", "[fec0::1]/", "[::ffff:10.0.0.1]/", "[64:ff9b:1::1]/"),
]
SCHEMES = [
    *("file:///etc/passwd", "FILE:///etc/passwd", "file:/etc/passwd", "file://localhost/etc/passwd"),
    *("gopher://127.0.0.1:{port}/_GET%20/", "ftp://127.0.0.1:{port}/", "ftps://127.0.0.1:{port}/"),
    *("data:application/rss+xml,<rss/>", "javascript:alert(1)", "jar:http://127.0.0.1:{port}!/"),
    *("dict://127.0.0.1:{port}/d", "ldap://127.0.0.1:{port}/", "unix:///run/docker.sock", "about:blank"),
    *("ws://127.0.0.1:{port}/", "http+unix://%2Frun%2Fdocker.sock/", "php://filter/x", "mailto:a@h.example"),
    *("ht\ttp://127.0.0.1:{port}/", "http\x00://127.0.0.1:{port}/", "view-source:http://127.0.0.1:{port}/"),
]


def to(location: str, status: int = 302, *more: str) -> Play:
    """A play that redirects."""
    return lambda line: line.send(
        head(
            f"HTTP/1.1 {status} Found",
            f"Location: {location}",
            "Content-Length: 0",
            "Connection: close",
            *more,
        )
    )


def chain(length: int | None, status: int = 302) -> Play:
    """A play that redirects to itself with a number counted up, *length* times, then brings a feed."""

    def play(line: Line) -> None:
        target = line.head.split(b" ", 2)[1].decode()
        path, _, number = target.partition("?")
        hop = int(number or 0)
        if length is not None and hop >= length:
            line.send(answer(FEED))
        else:
            to(f"{path}?{hop + 1}", status)(line)

    return play


def redirects(port: int) -> Iterator[Case]:
    """Every bad way.

    Args:
        port: of the service that must not be reached.
    """
    lost, refused = kinds("redirect"), kinds("refused", "redirect", "dns", "connect", "http")
    yield Case("five redirects", chain(5), kinds(OK))
    yield Case("six redirects", chain(6), lost)
    yield Case("redirects without end", chain(None), lost)
    yield Case("permanent redirects without end", chain(None, 301), lost)
    yield Case("a circle", to(""), lost | kinds("http"))
    yield Case("a circle with a fragment", to("?#x"), lost)
    yield Case("no location", lambda line: line.send(answer(b"", status="302 Found")), lost)
    yield Case(
        "a location of a megabyte", to("/" + "x" * 1_000_000), kinds("too-large", "redirect", "refused")
    )
    yield Case("a location of seven kilobytes", to("/" + "x" * 7_000), kinds("http"))
    yield Case(
        "two locations",
        to("/nowhere", 302, f"Location: http://127.0.0.1:{port}/"),
        kinds("http", "transfer", *refused),
    )
    yield Case("a location with a return", to("/x\rSet-Cookie: a=b"), kinds("transfer", "redirect", "http"))
    yield Case("a location of no language", to("/\udcff\udcfe"), kinds("http", "redirect", "transfer"))
    yield Case("a choice of three hundred", to(f"http://127.0.0.1:{port}/", 300), kinds("http", *refused))
    yield Case("a refresh", lambda line: line.send(
        answer(FEED, f"Refresh: 0; url=http://127.0.0.1:{port}/")), kinds(OK))  # fmt: skip
    for number, spelling in enumerate(CELLAR):
        status = (301, 302, 303, 307, 308)[number % 5]
        place = spelling.format(port=port)
        yield Case(f"{status} to the cellar: {spelling}", to(f"http://{place}/", status), refused)
    for place in ELSEWHERE:
        yield Case(f"to a private place: {place}", to(f"http://{place}", 301), refused)
    for url in SCHEMES:
        name = url.encode("unicode_escape").decode()
        yield Case(f"to another scheme: {name}", to(url.format(port=port)), refused | kinds("transfer"))
    for start, name in (
        ("//", "two slashes"),
        ("http:", "no slash"),
        ("\\\\", "backslashes"),
        ("///", "three slashes"),
    ):
        place = f"127.0.0.1:{port}"
        yield Case(f"a relative way in: {name}", to(f"{start}{place}/"), refused)
