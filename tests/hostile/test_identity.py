"""One source can neither overwrite, nor withdraw, nor rename what another one published; and what
it writes breaks no log line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.origin import Origin, Reply
from tests.running import aggregator, json_lines

ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0' "
    "xmlns:fh='http://purl.org/syndication/history/1.0'>"
)
HONEST = (
    f"{ATOM}<id>urn:x:honest</id><title>Honest</title><updated>2026-01-02T00:00:00Z</updated>"
    "<link href='http://honest.example/'/>{entry}</feed>"
)
ENTRY = (
    "<entry><id>urn:x:one</id><title>What happened</title><link href='http://honest.example/one'/>"
    "<updated>2026-01-02T00:00:00Z</updated><content>True words.</content></entry>"
)
FALSE = ENTRY.replace("True", "False").replace("What happened", "Nothing happened").replace("2026", "2027")
#: what a spoofer may send, claiming to be the honest source
SPOOFS = {
    "the same id and link, newer": HONEST.format(entry=FALSE),
    "the honest feed's own id and self link": HONEST.format(
        entry="<link rel='self' href='http://honest.example/feed'/>" + FALSE
    ),
    "an entry said to come from the honest source": HONEST.format(
        entry=FALSE.replace(
            "<title>", "<source><id>urn:x:honest</id><title>Honest</title></source><title>", 1
        )
    ),
    "a deletion": HONEST.format(entry="<at:deleted-entry ref='urn:x:one' when='2027-01-01T00:00:00Z'/>"),
    "a complete feed without it": HONEST.format(entry="<fh:complete/>"),
    "a gone id, in other letters": HONEST.format(entry=FALSE.replace("urn:x:one", "URN:X:one")),
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "identity.yaml"


def poll_both(config: Path, honest: str, spoof: str) -> list[dict[str, Any]]:
    """Poll the honest source, then both, then both again; return what is stored."""
    with Origin() as origin:
        kind = (("Content-Type", "application/atom+xml"),)
        good = origin.on("/honest", Reply(200, kind, honest.encode()))
        bad = origin.on("/spoof", [Reply(200, kind, spoof.encode()), Reply(200, kind, spoof.encode() + b" ")])
        config.write_text(
            f"database: sqlite:///identity.db\nfetch: {{allow_private: ['{origin.at}']}}\n"
            "feeds: {all: {query: ''}}\nsources:\n"
            f"  - {{url: '{good}', name: honest}}\n  - {{url: '{bad}', name: spoof}}\n",
            "utf-8",
        )
        aggregator(config, "poll", "honest")
        aggregator(config, "poll", "--all")
        aggregator(config, "poll", "--all")
        return json_lines(config, "articles")


@pytest.mark.parametrize("spoof", SPOOFS.values(), ids=SPOOFS)
def test_nobody_changes_what_somebody_else_said(config: Path, spoof: str) -> None:
    stored = poll_both(config, HONEST.format(entry=ENTRY), spoof)
    honest = [row for row in stored if row["source"] == "honest"]
    assert [row["title"] for row in honest] == ["What happened"]
    atom = aggregator(config, "render", "feeds/all.atom").stdout
    assert "True words." in atom
    assert atom.count("<id>urn:x:one</id>") == 1
    entry = atom[atom.rindex("<entry", 0, atom.index("<id>urn:x:one</id>")) :].partition("</entry>")[0]
    assert "What happened" in entry
    assert "Nothing happened" not in entry


def test_what_a_publisher_writes_breaks_no_line_of_the_log(config: Path) -> None:
    bell = "&#13;&#10;2026-01-01 ERROR forged&#x1b;[2J&#x85;&#x2028;&#x9b;31m"
    spoof = HONEST.format(entry=ENTRY).replace("Honest", bell).replace("urn:x:one", f"urn:x:{bell}")
    with Origin() as origin:
        reply = Reply(raw=b"HTTP/1.1 404 \x1b[2J\r\nX-A: b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        urls = [
            origin.on("/a", Reply(200, (), spoof.encode())),
            origin.on("/b", Reply(302, (("Location", "http://x\x1b[31m.example/"),))),
            origin.on("/c", reply),
            origin.on(
                "/d", Reply(200, (("Content-Type", "text/xml; charset=\x1b[31m"),), b"<\x1b[2J\r\nforged>")
            ),
        ]
        listed = "".join(f"  - {{url: '{url}', name: '{n}'}}\n" for n, url in enumerate(urls))
        config.write_text(
            f"database: sqlite:///log.db\nfetch: {{allow_private: ['{origin.at}']}}\nsources:\n{listed}",
            "utf-8",
        )
        done = aggregator(config, "--verbose", "poll", "--all", code=None)
        shown = (
            aggregator(config, "status", code=None).stdout + aggregator(config, "articles", code=None).stdout
        )
    for text in (done.stdout, done.stderr, shown):
        assert "\x1b" not in text
        assert "\x9b" not in text
        assert not [
            line for line in text.splitlines() if line.lstrip().startswith(("2026-01-01 ERROR", "forged"))
        ]
