"""What the web sends on a bad day: a named failure on that source, nothing else harmed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.origin import Origin, Reply, Seen, document
from tests.running import aggregator, json_lines, printed

GOOD = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Good</title><link>http://good.example/</link>'
    b"<item><guid>one</guid><title>First</title><link>http://good.example/1</link></item>"
    b"<item><guid>two</guid><title>Second</title><link>http://good.example/2</link></item>"
    b"</channel></rss>"
)
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"&a;") * 10) for n in range(12))
    + b']><rss version="2.0"><channel><title>&a11;</title></channel></rss>'
)
FIRST = Reply(200, (("ETag", '"first"'), ("Content-Type", "application/rss+xml")), GOOD)
XML = (("Content-Type", "application/rss+xml"), ("ETag", '"bad"'))

#: what is sent -> the answer, and the class of failure that status must name
BAD = {
    "nothing there": (Reply(404, XML), "http"),
    "trouble of the server itself": (Reply(500, XML), "http"),
    "a page instead": (
        Reply(200, XML, b"<!doctype html><html><head><title>Hi</title></head></html>"),
        "not-a-feed",
    ),
    "nothing at all": (Reply(200, XML), "transfer"),
    "plain words": (Reply(200, XML, b"Service temporarily moved"), "not-a-feed"),
    "a body cut short": (Reply(200, XML, GOOD, length=len(GOOD) + 500), "transfer"),
    "an unfinished chunk": (
        Reply(raw=b'HTTP/1.1 200 OK\r\nETag: "bad"\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n<rss>'),
        "transfer",
    ),
    "a cut-off gzip": (
        Reply(200, (*XML, ("Content-Encoding", "gzip")), gzip.compress(GOOD)[:-30]),
        "transfer",
    ),
    "a compression bomb": (
        Reply(200, (*XML, ("Content-Encoding", "gzip")), gzip.compress(b"\0" * 60_000_000)),
        "too-large",
    ),
    # never expanded: read as what is left of it, a feed without entries
    "an entity bomb": (Reply(200, XML, BOMB), None),
    "a reset": (Reply(200, XML, GOOD, reset_after=60), "connect"),
    "a circle of redirects": (Reply(302, (("Location", "/circle"),)), "redirect"),
    "a way into the cellar": (Reply(302, (("Location", "http://169.254.169.254/latest"),)), "refused"),
    "another scheme": (Reply(302, (("Location", "file:///etc/passwd"),)), "refused"),
    "a wall": (
        Reply(
            403, (("cf-mitigated", "challenge"), ("Server", "cloudflare")), b"<html>Just a moment...</html>"
        ),
        "challenge",
    ),
}
#: documents that hold entries although something in them is illegal
HOSTILE = {
    "control characters": b"bad \x01\x02 title",
    "a NUL": b"bad &#0; title",
    "a lone surrogate": b"bad &#xD800; title",
    "beyond Unicode": b"bad &#x110000; title",
    "not a character": b"bad \xef\xbf\xbf title",
    "half a letter": b"bad \xc3 title",
    "markup": b"bad &lt;script&gt;alert(1)&lt;/script&gt; title",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "bad.yaml"


def write(config: Path, origin: Origin, names: list[str]) -> None:
    lines = [
        f'database: sqlite:///bad.db\nfetch: {{allow_private: ["{origin.at}"], per_host: 8, timeout: 5s}}\n',
        "feeds: {all: {query: ''}}\nsources:\n",
        f"  - {{url: '{origin.url('/good')}', name: good}}\n",
        *(f"  - {{url: '{origin.url(f'/{n}')}', name: '{name}'}}\n" for n, name in enumerate(names)),
    ]
    config.write_text("".join(lines), "utf-8")


def test_a_bad_day_costs_one_poll_of_one_source_and_nothing_else(config: Path) -> None:
    names = list(BAD)
    with Origin() as origin:
        write(config, origin, names)
        origin.on("/good", document(GOOD, etag='"good"'))
        origin.on("/circle", Reply(302, (("Location", "/circle"),)))
        for number, name in enumerate(names):
            origin.on(f"/{number}", lambda _, bad=BAD[name][0]: bad if day == "bad" else FIRST)
        day = "good"
        aggregator(config, "poll", "--all")
        before = json_lines(config, "articles")
        day = "bad"
        aggregator(config, "poll", "--all")
        states = {row["name"]: row for row in json_lines(config, "status")}
        assert json_lines(config, "articles") == before
        assert len(before) == 2 * (len(names) + 1)
        day = "good"
        aggregator(config, "poll", "--all")
        asked = {name: _last(origin.seen(f"/{n}")) for n, name in enumerate(names)}

    assert states["good"]["state"] == "ok"
    named = {name: states[name]["kind"] for name, (_, kind) in BAD.items() if kind}
    assert named == {name: kind for name, (_, kind) in BAD.items() if kind}
    for name in named:
        assert states[name]["failures"] == 1, name
        assert states[name]["last_success"], name
        # the validators of the broken answer were never kept
        assert asked[name].header("if-none-match") == '"first"', name


def test_illegal_characters_cost_themselves_and_nothing_else(config: Path) -> None:
    names = list(HOSTILE)
    with Origin() as origin:
        write(config, origin, names)
        origin.on("/good", document(GOOD, etag='"good"'))
        for number, name in enumerate(names):
            origin.on(f"/{number}", document(GOOD.replace(b"First", HOSTILE[name])))
        said = aggregator(config, "poll", "--all").stdout
        assert "0 failed" in said
        articles = json_lines(config, "articles")
        assert len(articles) == 2 * (len(names) + 1)
        atom = printed(config, "render", "feeds/all.atom")
    assert atom.count("<entry") == 2 * (len(names) + 1)
    for row in articles:
        assert all(character.isprintable() for character in row["title"]), row
    titles = {row["source"]: row["title"] for row in articles if "bad" in row["title"]}
    assert len(titles) == len(names)


def _last(seen: list[Seen]) -> Seen:
    return seen[-1]
