"""How a URL goes out, and which ones do not."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.http.errors import HttpError, RedirectFailed, Refused
from aggregator.http.target import join_target, parse_target, without_credentials

KEPT = {
    "escapes in any case": "http://a.example/%2d%7E%7e?q=%20+%2B",
    "dots and doubled slashes": "http://a.example/a/../b//c/./d",
    "an empty query": "http://a.example/feed?",
    "odd query": "http://a.example/?a=1&&b&c==[x]|{y}'\"^`",
    "no path but a slash": "http://a.example/",
    "a port": "https://a.example:8443/feed;v=1",
    "an IPv6 address": "http://[2606:4700::1111]:81/",
}


@pytest.mark.parametrize("url", KEPT.values(), ids=KEPT.keys())
def test_a_sendable_url_is_kept_byte_for_byte(url: str) -> None:
    assert parse_target(url).url == url


REWRITTEN = {
    "the fragment never goes out": ("http://a.example/f?x#part", "http://a.example/f?x"),
    "blanks and letters no request line can carry are escaped": (
        "http://a.example/ä b?q=é",
        "http://a.example/%C3%A4%20b?q=%C3%A9",
    ),
    "international host names are encoded": ("http://BÜCHER.example/", "http://xn--bcher-kva.example/"),
    "names with signs that only the older rules know": ("http://i❤.example/", "http://xn--i-7iq.example/"),
    "scheme and host are lower case, the default port goes": ("HTTP://A.Example:80/X", "http://a.example/X"),
    "a missing path is a slash": ("https://a.example?x=1", "https://a.example/?x=1"),
    "blanks around it go": ("  http://a.example/\n", "http://a.example/"),
}


@pytest.mark.parametrize(("given_url", "wire"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_what_must_change_changes(given_url: str, wire: str) -> None:
    assert parse_target(given_url).url == wire


def test_credentials_leave_the_url_and_become_a_header_value() -> None:
    target = parse_target("https://ann%40x:p%3Aw@a.example/feed")
    assert target.url == "https://a.example/feed"
    assert target.authorization == "Basic " + base64.b64encode(b"ann@x:p:w").decode()
    assert "p:w" not in repr(target.url)


def test_credentials_are_cut_from_messages() -> None:
    assert without_credentials("https://ann:secret@a.example/x@y") == "https://a.example/x@y"
    assert without_credentials("https://a.example/x@y") == "https://a.example/x@y"


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7F.1",
        "017700000001",
        "127.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "１２７.0.0.1",
    ],
)
def test_every_numeric_spelling_of_an_address_is_written_out(host: str) -> None:
    assert parse_target(f"http://{host}:81/").host == "127.0.0.1"


REFUSED = [
    "file:///etc/passwd",
    "ftp://a.example/",
    "gopher://a.example/",
    "javascript:alert(1)",
    "data:text/xml,<rss/>",
    "feed.xml",
    "/feed.xml",
    "",
    "http:",
    "http:/a.example/",
    "http://",
    "http:///feed",
    "http://:80/",
    "http://a.example:0/",
    "http://a.example:65536/",
    "http://a.example:999999999999999999999/",
    "http://a.example:8o/",
    "http://a exa.mple/",
    "http://a.example\\@127.0.0.1/",
    "http://127.0.0.1\\.a.example/",
    "ht\ttp://a.example/",
    "http://a.ex\tample/",
    "http://a.example/\r\nX: y",
    "http://a.example/\x00",
    "http://[::1",
    "http://[127.0.0.1]/",
    "http://1.2.3.4.5/",
    "http://999.1.1.1/",
    "http://a.0xfffffffff/",
    "http://<script>/",
    "http://a..%00/",
    "http://a..example/",
    "http://.a.example/",
    "http://" + "a" * 64 + ".example/",
    "http://" + "a.aa" * 64 + "/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_target(url)
    assert refused.value.reason
    assert refused.value.reason.isprintable()


LOCATIONS = {
    "absolute, untouched": ("http://b.example/%2d%7E/../x", "http://b.example/%2d%7E/../x"),
    "from the root": ("/new?x", "https://a.example:8443/new?x"),
    "beside": ("new", "https://a.example:8443/dir/new"),
    "only a query": ("?page=2", "https://a.example:8443/dir/feed?page=2"),
    "without a scheme": ("//b.example/x", "https://b.example/x"),
    "with a fragment": ("/new#top", "https://a.example:8443/new"),
    "with a blank": ("/a b", "https://a.example:8443/a%20b"),
    "with raw bytes": ("/\udce9", "https://a.example:8443/%E9"),
}


@pytest.mark.parametrize(("location", "url"), LOCATIONS.values(), ids=LOCATIONS.keys())
def test_a_location_is_read_from_its_base(location: str, url: str) -> None:
    assert join_target(parse_target("https://a.example:8443/dir/feed?old#f"), location).url == url


@pytest.mark.parametrize("location", ["", " ", "/a\tb", "ht\ttp://x/", "/\x00"])
def test_an_unusable_location_fails_the_redirect(location: str) -> None:
    with pytest.raises(RedirectFailed):
        join_target(parse_target("https://a.example/"), location)


@given(
    st.text(),
    st.sampled_from(["", "http://", "https://a.example", "http://a.example/", "//", "http://[", "file:"]),
)
def test_any_text_is_a_target_or_a_named_error(text: str, start: str) -> None:
    base = parse_target("http://a.example/")
    for read in (parse_target, lambda location: join_target(base, location)):
        try:
            target = read(start + text)
        except HttpError:
            continue
        assert target.url.isascii()
        assert target.url.isprintable()
        assert " " not in target.url
        assert target.url == parse_target(target.url).url


@pytest.mark.parametrize(
    "authority", ["us\udcffer@paper.example", "a:\ud800@paper.example", "pap\udcffer.example"]
)
def test_raw_bytes_in_an_authority_are_refused(authority: str) -> None:
    with pytest.raises(Refused):
        parse_target(f"http://{authority}/")
