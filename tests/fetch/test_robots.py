"""What robots.txt allows (RFC 9309)."""

from __future__ import annotations

import asyncio
import gzip
import time

import pytest
import zstandard

from aggregator.fetch.robots import RobotsAnswer, fetch_robots, may_read, origin_of, product_token
from aggregator.http.client import Client
from aggregator.http.errors import HttpError
from aggregator.http.shape import ORDINARY
from aggregator.model.pages import RobotsDocument
from tests.fetch.conftest import LOOPBACK, NOW
from tests.origin import Origin, Reply

CASES = {
    "no rule at all allows": ("User-agent: *\nSitemap: https://a.example/s.xml", "/x", True),
    "everybody is forbidden a folder": ("User-agent: *\nDisallow: /private/", "/private/x", False),
    "a folder beside it is open": ("User-agent: *\nDisallow: /private/", "/privately", True),
    "an empty disallow forbids nothing": ("User-agent: *\nDisallow:", "/x", True),
    "the longest rule decides": ("User-agent: *\nDisallow: /news\nAllow: /news/open", "/news/open/1", True),
    "of equally long ones allow wins": ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
    "our own group goes before everybody's": (
        "User-agent: *\nDisallow: /\n\nUser-agent: aggregator\nDisallow: /x",
        "/news",
        True,
    ),
    "our name counts in any case, with a version": ("User-Agent: AGGREGATOR/2.0\nDisallow: /", "/x", False),
    "another's group is none of ours": ("User-agent: otherbot\nDisallow: /", "/x", True),
    "several names share one group": ("User-agent: a\nUser-agent: aggregator\nDisallow: /", "/x", False),
    "two groups of our name count together": (
        "User-agent: aggregator\nDisallow: /a\nUser-agent: b\nDisallow: /\nUser-Agent: aggregator\n"
        "Disallow: /c",
        "/c",
        False,
    ),
    "a star is anything": ("User-agent: *\nDisallow: /*/print", "/news/1/print", False),
    "a dollar is the end": ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", True),
    "a dollar is the end, met": ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
    "a star behind the last word": ("User-agent: *\nDisallow: /a*", "/abc", False),
    "the query belongs to the path": ("User-agent: *\nDisallow: /*?share=", "/a?share=1", False),
    "percent signs are spelt one way": ("User-agent: *\nDisallow: /%7Ejoe/", "/~joe/1", False),
    "letters beyond ASCII are encoded": ("User-agent: *\nDisallow: /café", "/caf%C3%A9", False),
    "comments and blanks count for nothing": (
        "\ufeff# hello\n user-agent : * # all\n DISALLOW : /x # no",
        "/x/1",
        False,
    ),
    "rules before any name are nobody's": ("Disallow: /\nUser-agent: *\nAllow: /", "/x", True),
    "a crawl delay between name and rule parts nothing": (
        "User-agent: *\nCrawl-delay: 10\nDisallow: /x",
        "/x",
        False,
    ),
}


def asked_of(origin: Origin) -> RobotsAnswer:
    async def ask() -> RobotsAnswer:
        async with Client(LOOPBACK, user_agent="aggregator/test") as client:
            return await fetch_robots(client, origin.url(""), ORDINARY, NOW)

    return asyncio.run(ask())


@pytest.mark.parametrize("name", CASES)
def test_a_robots_txt_is_obeyed(name: str) -> None:
    text, path, is_allowed = CASES[name]
    document = RobotsDocument("rules", text)
    assert may_read(document, f"https://a.example{path}", "aggregator") is is_allowed


def test_a_site_without_robots_txt_is_open_and_one_that_cannot_say_is_closed() -> None:
    assert may_read(RobotsDocument("open"), "https://a.example/", "aggregator")
    assert not may_read(RobotsDocument("closed"), "https://a.example/", "aggregator")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, "rules"),
        (203, "rules"),
        (204, "open"),
        (400, "open"),
        (404, "open"),
        (429, "closed"),
        (499, "open"),
        (500, "closed"),
    ],
)
def test_what_the_status_of_a_robots_txt_says(origin: Origin, status: int, state: str) -> None:
    origin.on("/robots.txt", Reply(status, body=b"User-agent: *"))

    assert asked_of(origin).document.state == state


@pytest.mark.parametrize(
    ("agent", "token"),
    [("aggregator/1.0 (+ed@a.example)", "aggregator"), ("My-Bot", "my-bot"), ("1x", ""), ("", "")],
)
def test_we_are_addressed_by_our_product_token(agent: str, token: str) -> None:
    assert product_token(agent) == token


def test_an_origin_has_scheme_host_and_port() -> None:
    assert origin_of("HTTPS://A.Example:8443/x?y=1#z") == "https://a.example:8443"
    assert origin_of("https://a.example:443/") == "https://a.example"
    with pytest.raises(HttpError):
        origin_of("ftp://a.example/")


LETTERS = "abcdefghijklmnopqrst"
MONSTERS = {
    "stars": "User-agent: *\n" + "\n".join(f"Disallow: /{'a*' * 40}b{n}" for n in range(2000)),
    "eight thousand names, each with twenty thousand rules": "".join(
        f"User-agent: {a}{b}{c}\n" for a in LETTERS for b in LETTERS for c in LETTERS
    ) + "Disallow: /b\n" * 20_000,
    "one name, again and again": "User-agent: aggregator\n" * 8000 + "Disallow: /b\n" * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("name", MONSTERS)
def test_no_document_takes_long(name: str) -> None:
    started = time.process_time()
    assert may_read(RobotsDocument("rules", MONSTERS[name]), f"https://a.example/{'a' * 4000}", "aggregator")
    assert time.process_time() - started < 5


RULE = b"User-agent: *\nDisallow: /private\n"
LINE = b"Disallow: /closed/by/a/rule\n"
WHOLE = RULE + LINE * (11_000_000 // len(LINE))
LONG = {
    "eleven megabytes": Reply(body=WHOLE),
    "eleven megabytes, packed": Reply(headers=(("Content-Encoding", "gzip"),), body=gzip.compress(WHOLE)),
    "twenty megabytes, packed small": Reply(
        headers=(("Content-Encoding", "gzip"),), body=gzip.compress(WHOLE * 2)
    ),
    "twenty megabytes in zstd": Reply(
        headers=(("Content-Encoding", "zstd"),), body=zstandard.compress(WHOLE * 2)
    ),
    "without an end": Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n" + RULE + LINE * 1000, is_endless=True),
    "broken off late": Reply(body=WHOLE, close_after=2_000_000),
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_robots_txt_is_judged_by_its_beginning(origin: Origin, name: str) -> None:
    """RFC 9309 section 2.5: at least 500 kibibytes; what is cut within a rule is none."""
    origin.on("/robots.txt", LONG[name])
    document = asked_of(origin).document
    assert document.state == "rules"
    assert len(document.text) > 500 * 1024 - 100
    assert not may_read(document, "https://a.example/private/x", "aggregator")
    assert may_read(document, "https://a.example/closed/by", "aggregator")


SHORT = {
    "cut before its end": Reply(body=RULE * 10, close_after=-5),
    "packed and cut": Reply(headers=(("Content-Encoding", "gzip"),), body=gzip.compress(RULE * 10)[:-9]),
}


@pytest.mark.parametrize("name", SHORT)
def test_a_robots_txt_that_breaks_off_says_nothing(origin: Origin, name: str) -> None:
    origin.on("/robots.txt", SHORT[name])
    assert asked_of(origin).document.state == "closed"
