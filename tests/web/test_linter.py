"""An HTTP linter looks at the real server: nothing bad, no warning, and every optional thing supported."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.making import NOW, arrive, entry
from tests.web.paper import open_paper
from tests.web.test_private import PRIVATE as SECRET
from tests.web.test_private import make
from tests.web.test_serve import address, command_for, running  # noqa: F401 - a fixture

REDBOT = Path(sys.executable).with_name("redbot")
#: what it says of a feed when all is well; anything else is a complaint, or news worth reading
FINE = {
    "The server's clock is correct.",
    "The Content-Length header is correct.",
    "This response sets a Content Security Policy.",
    "This response instructs browsers not to 'sniff' its media type.",
    "This response's Referrer-Policy ('no-referrer') restricts referrer leakage.",
    "This response allows all caches to store it.",
    "Cache-Control: public is probably not necessary.",
    "This response can be served stale from a cache while it is being revalidated.",
    "If an error occurs, caches can serve this response stale.",
    # pictures of articles come from wherever their publishers keep them
    "Loading from insecure HTTP sources is allowed.",
}
BEGINNINGS = ("The resource last changed ", "This response is fresh for ", "Content negotiation for gzip ")
#: of what needs a token
PRIVATE = {
    "This response allows only private caches to store it.",
    "In exceptional circumstances, caches can serve this response stale.",
}
CONDITIONAL = "If-None-Match conditional requests are supported."
DATED = "If-Modified-Since conditional requests are supported."


@pytest.mark.skipif(not REDBOT.exists(), reason="redbot is not installed beside this Python")
def test_a_linter_finds_nothing_to_improve(address):  # noqa: F811
    command, port = address
    with running(command, port):
        for path in ("/feeds/front-page.atom", "/feeds/front-page.json", "/feeds/front-page", "/"):
            notes = look_at(f"http://127.0.0.1:{port}{path}")
            strange = {note for note in notes - FINE if not note.startswith(BEGINNINGS)}
            has_date = path.endswith((".atom", ".json"))
            assert strange == ({CONDITIONAL, DATED} if has_date else {CONDITIONAL}), path
            assert any(
                note.startswith("Content negotiation for gzip compression is supported") for note in notes
            )


@pytest.fixture
def private_address(sqlite_engine, tmp_path):
    """A paper whose front page has an archive and whose desk needs a token: command, port, token."""
    front, *rest = SECRET.feeds
    paper = open_paper(sqlite_engine, replace(SECRET, feeds=(replace(front, limit=3), *rest)))
    for number in range(1, 8):
        at = NOW + timedelta(days=3 * number)
        one = entry(f"n{number}", published=at)
        arrive(sqlite_engine, "harbour-herald", one, feeds=["front-page", "desk"], at=at)
    return *command_for(sqlite_engine, tmp_path), make(paper)


@pytest.mark.skipif(not REDBOT.exists(), reason="redbot is not installed beside this Python")
def test_a_linter_finds_nothing_to_improve_in_archives_and_private_feeds(private_address):
    command, port, token = private_address
    with running(command, port):
        for path, fine in (
            ("/feeds/front-page/archive/1.atom", FINE),
            (f"/feeds/desk.atom?token={token}", FINE | PRIVATE),
        ):
            notes = look_at(f"http://127.0.0.1:{port}{path}")
            strange = {note for note in notes - fine if not note.startswith(BEGINNINGS)}
            assert strange == {CONDITIONAL, DATED}, path


def look_at(url):
    done = subprocess.run([REDBOT, "-o", "text", url], capture_output=True, text=True, check=True, timeout=60)
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == "HTTP/1.1 200 OK"
    return {line.removeprefix("* ") for line in lines if line.startswith("* ") and not line.endswith(":")}
