"""One source can neither overwrite, nor withdraw, nor rename what another one published; and what
it writes breaks no log line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.origin import Origin, Reply
from tests.running import aggregator, json_lines, printed

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


def own(document: str, number: int) -> bytes:
    """The document with ids and addresses that only pair *number* uses."""
    return (
        document.replace("urn:x:one", f"urn:x:one-{number}").replace("honest.", f"honest{number}.").encode()
    )


def test_nobody_changes_what_somebody_else_said(config: Path) -> None:
    """Each honest source has its spoofer; the honest ones are polled, then all of them, twice."""
    with Origin() as origin:
        kind, lines = (("Content-Type", "application/atom+xml"),), []
        for number, spoof in enumerate(SPOOFS.values()):
            honest, lie = own(HONEST.format(entry=ENTRY), number), own(spoof, number)
            good = origin.on(f"/honest/{number}", Reply(200, kind, honest))
            bad = origin.on(f"/spoof/{number}", [Reply(200, kind, lie), Reply(200, kind, lie + b" ")])
            lines.append(f"  - {{url: '{good}', name: honest-{number}}}\n")
            lines.append(f"  - {{url: '{bad}', name: spoof-{number}}}\n")
        config.write_text(
            f"database: sqlite:///identity.db\nfetch: {{allow_private: ['{origin.at}']}}\n"
            "feeds: {all: {query: ''}}\nsources:\n" + "".join(lines),
            "utf-8",
        )
        aggregator(config, "poll", *(f"honest-{number}" for number in range(len(SPOOFS))))
        aggregator(config, "poll", "--all")
        aggregator(config, "poll", "--all")
    stored = json_lines(config, "articles")
    atom = printed(config, "render", "feeds/all.atom")
    for number, name in enumerate(SPOOFS):
        titles = [row["title"] for row in stored if row["source"] == f"honest-{number}"]
        assert titles == ["What happened"], name
        own_id = f"<id>urn:x:one-{number}</id>"
        assert atom.count(own_id) == 1, name
        entry = atom[atom.rindex("<entry", 0, atom.index(own_id)) :].partition("</entry>")[0]
        assert "What happened" in entry, name
        assert "True words." in entry, name
        assert "Nothing happened" not in entry, name


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
        shown = printed(config, "status") + printed(config, "articles")
    for text in (done.stdout, done.stderr, shown):
        assert "\x1b" not in text
        assert "\x9b" not in text
        assert not [
            line for line in text.splitlines() if line.lstrip().startswith(("2026-01-01 ERROR", "forged"))
        ]
