"""The validator complains where it should: a checker that is never heard checks nothing."""

from __future__ import annotations

import pytest

from tests.publish.validity import check

HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:fh='http://purl.org/syndication/history/1.0' "
    "xmlns:at='http://purl.org/atompub/tombstones/1.0' xml:lang='en'>"
    "<id>urn:uuid:6b1d4f0e-0000-4000-8000-000000000001</id><title>T</title>"
    "<updated>2026-01-01T00:00:00Z</updated><author><name>A</name></author>"
    "<link rel='self' type='application/atom+xml' href='https://a.example/f.atom'/>"
    "<link rel='alternate' type='text/html' href='https://a.example/'/>"
)
LIVE = "<link rel='current' type='application/atom+xml' href='https://a.example/f.atom'/>"
STONE = "<at:deleted-entry ref='tag:a,2026:1' when='2026-01-01T00:00:00Z'/>"


def complaints(inside: str) -> str:
    return "\n".join(check(f"{HEAD}{inside}</feed>".encode(), "application/atom+xml"))


@pytest.mark.parametrize("inside", ["", f"<fh:archive/>{LIVE}", "<fh:complete/>", STONE])
def test_what_the_standards_allow_passes(inside):
    assert complaints(inside) == ""


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("<fh:archive/>", "does not lead to the live document"),
        (f"<fh:archive/><fh:archive/>{LIVE}", "fh:archive is there twice"),
        (f"<fh:archive>yes</fh:archive>{LIVE}", "is not empty"),
        ("<fh:incremental/>", "nothing that RFC 5005 knows"),
        (LIVE, "says what only archives do"),
        (f"<fh:complete/><fh:archive/>{LIVE}", "has no past elsewhere"),
        (f"<fh:archive/>{LIVE}<link rel='hub' href='https://a.example/hub'/>", "names a hub"),
        (f"<fh:archive/>{LIVE}<link rel='prev-archive' href='1.atom'/>", "prev-archive"),
        (STONE + STONE, "ref of a deleted entry"),
        ("<at:deleted-entry ref='1' when='2026-01-01T00:00:00Z'/>", "deleted entry"),
        ("<at:deleted-entry ref='tag:a,2026:1' when='yesterday'/>", "deleted entry"),
    ],
)
def test_what_they_do_not_allow_is_named(inside, says):
    assert says in complaints(inside)
