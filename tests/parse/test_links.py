"""Addresses become absolute web addresses, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.links import absolute, strip_tracking, upgrade

BASE = "https://site.example/dir/page.html?q=1"
RESOLVED = {
    "absolute stays byte for byte": ("http://a.example/%7Ex?b=c&d#e", "http://a.example/%7Ex?b=c&d#e"),
    "capital scheme": ("HTTPS://A.example/", "HTTPS://A.example/"),
    "beside": ("other.html", "https://site.example/dir/other.html"),
    "from the root": ("/x", "https://site.example/x"),
    "up": ("../x", "https://site.example/x"),
    "query alone": ("?p=2", "https://site.example/dir/page.html?p=2"),
    "the page's scheme": ("//cdn.example/i.png", "https://cdn.example/i.png"),
    "blanks and line breaks": (" \n https://a.example/b\n c ", "https://a.example/b%20c"),
    "non-ASCII stays": ("https://a.example/ü", "https://a.example/ü"),
    "feed scheme": ("feed://a.example/rss", "http://a.example/rss"),
    "feed before http": ("feed:https://a.example/rss", "https://a.example/rss"),
    "a host without a scheme": ("WWW.a.example/b", "https://WWW.a.example/b"),
    "two schemes": ("http://https://a.example/b", "https://a.example/b"),
    "an address in an address": (
        "https://a.example/https://b.example/",
        "https://a.example/https://b.example/",
    ),
    "one slash too few": ("https:/a.example/b", "https://a.example/b"),
    "user names are kept": ("https://u@a.example/", "https://u@a.example/"),
    "mailto": ("mailto:a@b.example", None),
    "tag": ("tag:a.example,2026:1", None),
    "urn": ("urn:isbn:123", None),
    "javascript": ("javascript:alert(1)", None),
    "javascript in disguise": (" jAva\tscr\nipt:alert(1)", None),
    "data": ("data:text/html,x", None),
    "file": ("file:///etc/passwd", None),
    "no host": ("http://", None),
    "a slash too many": ("http:///a.example/x", "http://a.example/x"),
    "dots are no host": ("http://.../", None),
    "markup in the host": ("http://<b>/", None),
    "nothing": ("", None),
    "blanks": ("   ", None),
    "a whole file in the address": ("https://a.example/" + "x" * 9000, None),
}


@pytest.mark.parametrize(("href", "url"), RESOLVED.values(), ids=RESOLVED.keys())
def test_an_address_becomes_absolute_or_nothing(href: str, url: str | None) -> None:
    assert absolute(href, BASE) == url


def test_a_relative_address_without_a_base_is_nothing() -> None:
    assert absolute("x.html") is None


@given(st.text(max_size=40), st.sampled_from(["", BASE, "not a base", "http://[::1"]))
def test_whatever_comes_out_is_a_web_address(href: str, base: str) -> None:
    url = absolute(href, base)
    assert url is None or url.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("url", "stripped"),
    [
        ("https://a.example/?utm_source=x&id=1&UTM_medium=y#f", "https://a.example/?id=1#f"),
        ("https://a.example/?fbclid=1", "https://a.example/"),
        ("https://a.example/?a=1&amp;utm_campaign=x", "https://a.example/?a=1"),
        ("https://a.example/?a=&b&c=%20", "https://a.example/?a=&b&c=%20"),
        ("https://a.example/utm_source=x", "https://a.example/utm_source=x"),
        ("https://a.example/?p=https://b.example/?utm_source=x", "https://a.example/?p=https://b.example/?utm_source=x"),
    ],
)  # fmt: skip
def test_only_tracking_parameters_go(url: str, stripped: str) -> None:
    assert strip_tracking(url) == stripped


def test_pictures_of_a_secure_page_are_asked_for_securely() -> None:
    assert upgrade("http://i.example/a.png", "https://a.example/") == "https://i.example/a.png"
    assert upgrade("http://i.example/a.png", "http://a.example/") == "http://i.example/a.png"


@pytest.mark.parametrize(
    "href",
    [
        "http://[::1",
        "http://[x]/",
        "http://paper.example\\@player.example/",
        "//paper.example\\@player.example/",
        "http://paper.example:99999/",
        "http://paper.example:x/",
        "http://a\u2100b.example/",
    ],
)
def test_what_nobody_can_take_apart_is_no_address(href: str) -> None:
    assert absolute(href) is None


@pytest.mark.parametrize(
    "href", ["http://[2001:db8::1]:8080/a", "http://bücher.example/", "http://paper.example:81/"]
)
def test_unusual_hosts_are_addresses(href: str) -> None:
    assert absolute(href) == href
