"""An HTTP linter looks at the real server: nothing bad, no warning, and every optional thing supported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.test_serve import address, running  # noqa: F401 - a fixture

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


def look_at(url):
    done = subprocess.run([REDBOT, "-o", "text", url], capture_output=True, text=True, check=True, timeout=60)
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == "HTTP/1.1 200 OK"
    return {line.removeprefix("* ") for line in lines if line.startswith("* ") and not line.endswith(":")}
