"""answer(): the conditional rules, codings and headers of RFC 9110, without any framework."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.model import Rendered
from aggregator.web.answers import Terms, answer

CHANGED = datetime(2025, 12, 25, 12, 0, 0, 999_999, tzinfo=UTC)
FEED = Rendered(
    body=b"whole",
    media_type="application/atom+xml",
    etag="abc",
    last_modified=CHANGED,
    encoded={"gzip": b"gz", "br": b"b"},
    links=('<https://x.example/a>; rel="self"', '<https://x.example/b>; rel="alternate"'),
)
SAME, DIFFERENT = 304, 200


def ask(method="GET", rendered=FEED, terms=Terms(), **headers):  # noqa: B008
    made = answer(method, {name.replace("_", "-"): value for name, value in headers.items()}, rendered, terms)
    names = [name for name, _ in made.headers]
    assert len(names) == len(set(names)), "no header twice"
    return made, dict(made.headers)


@pytest.mark.parametrize(
    ("asked", "status"),
    {
        "the tag itself": ({"If_None_Match": '"abc"'}, SAME),
        "a weak tag": ({"If_None_Match": 'W/"abc"'}, SAME),
        "a list with it": ({"If_None_Match": '"x", W/"y" , "abc"'}, SAME),
        "a list without commas' blanks": ({"If_None_Match": '"x","abc"'}, SAME),
        "a tag with a comma inside": ({"If_None_Match": '"a,b", "abc"'}, SAME),
        "a star": ({"If_None_Match": " * "}, SAME),
        "another tag": ({"If_None_Match": '"abd"'}, DIFFERENT),
        "the tag without quotes": ({"If_None_Match": "abc"}, DIFFERENT),
        "an empty header": ({"If_None_Match": ""}, DIFFERENT),
        "a star among tags is no star": ({"If_None_Match": '"x", *'}, DIFFERENT),
        "a tag that begins alike": ({"If_None_Match": '"abcd"'}, DIFFERENT),
        "the date it changed": ({"If_Modified_Since": "Thu, 25 Dec 2025 12:00:00 GMT"}, SAME),
        "a later date": ({"If_Modified_Since": "Fri, 26 Dec 2025 12:00:00 GMT"}, SAME),
        "an earlier date": ({"If_Modified_Since": "Thu, 25 Dec 2025 11:59:59 GMT"}, DIFFERENT),
        "the old spelling of RFC 850": ({"If_Modified_Since": "Thursday, 25-Dec-25 12:00:00 GMT"}, SAME),
        "the spelling of asctime": ({"If_Modified_Since": "Thu Dec 25 12:00:00 2025"}, SAME),
        "no date": ({"If_Modified_Since": "yesterday"}, DIFFERENT),
        "a number": ({"If_Modified_Since": "1766664000"}, DIFFERENT),
        "a date of another zone": ({"If_Modified_Since": "Thu, 25 Dec 2025 13:00:00 +0100"}, DIFFERENT),
        "a day that never was": ({"If_Modified_Since": "Thu, 32 Dec 2025 12:00:00 GMT"}, DIFFERENT),
        "the tag beats an older date": (
            {"If_None_Match": '"abc"', "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
            SAME,
        ),
        "another tag beats a later date": (
            {"If_None_Match": '"x"', "If_Modified_Since": "Fri, 26 Dec 2025 12:00:00 GMT"},
            DIFFERENT,
        ),
        "the tag of a coding that is accepted": (
            {"If_None_Match": '"abc-gz"', "Accept_Encoding": "gzip, br"},
            SAME,
        ),
        "the tag of a coding while none is asked": ({"If_None_Match": '"abc-br"'}, SAME),
        "the tag of a coding that is refused": (
            {"If_None_Match": '"abc-gz"', "Accept_Encoding": "identity"},
            DIFFERENT,
        ),
    }.values(),
    ids=lambda value: None,
)
def test_conditions(asked, status):
    made, headers = ask(**asked)
    assert made.status == status
    assert made.body == (b"" if status == SAME else made.body or None)
    assert "ETag" in headers


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("br", "br"),
        ("gzip, br", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=0", None),
        ("*", "br"),
        ("*;q=0.1, gzip;q=0.2", "gzip"),
        ("br;q=0, *", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0.5, *;q=0", None),
        ("deflate, zstd", None),
        ("gzip;q=nonsense", "gzip"),
        (";;,,;q=", None),
        ("gzip;level=3;q=0", None),
    ],
)
def test_coding_follows_the_weights(accept, coding):
    made, headers = ask(**({} if accept is None else {"Accept_Encoding": accept}))
    assert made.status == 200
    assert headers.get("Content-Encoding") == coding
    expected = {None: (b"whole", '"abc"'), "gzip": (b"gz", '"abc-gz"'), "br": (b"b", '"abc-br"')}[coding]
    assert (made.body, headers["ETag"]) == expected
    assert headers["Content-Length"] == str(len(made.body))


@pytest.mark.parametrize("accept", ["identity;q=0", "*;q=0", "identity;q=0, gzip;q=0, br;q=0, deflate"])
def test_a_request_that_forbids_every_coding_is_told_so(accept):
    made, headers = ask(Accept_Encoding=accept)
    assert made.status == 406
    assert "Accept-Encoding" in headers["Vary"]


def test_a_304_carries_the_headers_of_its_200_and_no_body():
    terms = Terms(vary=("Accept",), content_location="https://x.example/a.atom")
    _, full = ask(terms=terms, Accept_Encoding="br")
    made, short = ask(terms=terms, Accept_Encoding="br", If_None_Match='"abc-br"')
    assert made.body == b""
    about_the_body = {"Content-Type", "Content-Length", "Content-Encoding", "Last-Modified"}
    assert {name: value for name, value in full.items() if name not in about_the_body} == short
    assert {"ETag", "Cache-Control", "Vary", "Content-Location"} <= set(short)


@pytest.mark.parametrize("asked", [{}, {"Accept_Encoding": "gzip"}, {"If_None_Match": '"abc"'}])
def test_head_is_get_without_a_body(asked):
    get, head = ask("GET", **asked), ask("HEAD", **asked)
    assert (get[0].status, get[1]) == (head[0].status, head[1])
    assert head[0].body == b""


def test_the_headers_of_a_feed():
    _, headers = ask()
    assert headers == {
        "Content-Type": "application/atom+xml; charset=utf-8",
        "Content-Length": "5",
        "ETag": '"abc"',
        "Last-Modified": "Thu, 25 Dec 2025 12:00:00 GMT",
        "Cache-Control": "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400",
        "Vary": "Accept-Encoding",
        "Link": '<https://x.example/a>; rel="self", <https://x.example/b>; rel="alternate"',
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link, Last-Modified, Retry-After",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def test_json_names_no_charset():
    _, headers = ask(rendered=Rendered(b"{}", "application/feed+json", "x", None))
    assert headers["Content-Type"] == "application/feed+json"
    assert "Last-Modified" not in headers
