"""Any bytes and elements, mutated feeds, documents dear to read: clean feeds, or ParseErrors in time."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import ParsedFeed
from tests.parse.test_document import read

FEEDS = sorted((Path(__file__).parent.parent / "data" / "feeds").glob("*.xml"))


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple | list | frozenset):
        return [text for part in value for text in strings(part)]
    slots = getattr(type(value), "__slots__", ())
    return [text for name in slots for text in strings(getattr(value, name))]


def check(parsed: ParsedFeed) -> None:
    for text in strings(parsed):
        text.encode()
        assert not any((ord(c) < 32 and c not in "\t\n\r") or ord(c) in {0xFFFE, 0xFFFF} for c in text)
    keys = [entry.key for entry in parsed.entries]
    assert len(set(keys)) == len(keys)
    assert all(keys)
    for entry in parsed.entries:
        for url in (entry.link, entry.image, entry.comments, *(file.url for file in entry.enclosures)):
            assert url is None or url.lower().startswith(("http://", "https://"))
        assert "\n" not in entry.title


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(ParseError):
        check(read(body))


_BITS = st.sampled_from(
    [
        "<rss version='2.0'>",
        "<channel>",
        "</channel>",
        "<item>",
        "</item>",
        "<title>",
        "</title>",
        "<link>",
        "</link>",
        "<guid>",
        "</guid>",
        "<entry>",
        "</entry>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "</feed>",
        "<content type='xhtml'>",
        "<div>",
        "</div>",
        "</content>",
        "<author>",
        "<name>",
        "</author>",
        "<![CDATA[",
        "]]>",
        "&#xD800;",
        "&#0;",
        "&nbsp;",
        "&",
        "<",
        ">",
        "<source>",
        "</source>",
        "<media:content url='x'>",
        "<georss:point>",
        "<image>",
        "<category term='a'/>",
        "<!--",
        "\x00",
        "é",
        "<updated>",
        "2026-01-01",
        "<enclosure/>",
        "<link href='x'/>",
        "<itunes:image href='x'/>",
        "<textInput>",
        "<psc:chapter/>",
    ]
)


@given(st.lists(_BITS, max_size=30).map("".join))
def test_any_heap_of_elements_is_read_or_refused(text: str) -> None:
    try:
        parsed = read("<rss version='2.0'><channel>" + text)
    except ParseError as error:
        slip = error.__cause__
    else:
        check(parsed)
        slip = None
    assert not isinstance(slip, KeyError | IndexError | TypeError | AttributeError)


@settings(max_examples=60)
@given(st.sampled_from(FEEDS), st.integers(min_value=0))
def test_mutated_feeds_are_read_or_refused(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    body = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(body))
        match chance.randrange(4):
            case 0:
                body[at] = chance.randrange(256)
            case 1:
                del body[at : at + chance.randint(1, 30)]
            case 2:
                body[at:at] = chance.choice(
                    [b"<", b"&", b"\x00", b"&#xDFFF;", b"]]>", b'"', b"<item>", b"\xff"]
                )
            case _:
                body[at:at] = body[at : at + chance.randint(1, 200)]
        body = body or bytearray(b"x")
    with suppress(ParseError):
        check(read(bytes(body)))


#: documents of a few hundred kilobytes that made some parser need time by the square of their size
HEAVY = {
    "attributes of one element": "<item " + " ".join(f'a{n}="b"' for n in range(20_000)) + ">x</item>",
    "attributes without quotes": "<item " + " ".join(f"a{n}=b" for n in range(20_000)) + ">x</item>",
    "attributes that never end": "<item " + " ".join(f'a{n}="b"' for n in range(20_000)),
    "beginnings of comments": "<item><description>" + "<!--" * 50_000,
    "escaped beginnings of comments": "<item><description>" + "&lt;!--" * 50_000 + "</description></item>",
    "beginnings of CDATA": "<item><title>" + "<![CDATA[" * 30_000,
    "blanks in a comment": "<!--" + " " * 500_000 + "-->",
    "angle brackets": "<item>" + "<" * 100_000,
    "labels": "<item>" + "".join(f"<category>{n}</category>" for n in range(10_000)) + "</item>",
    "undeclared prefixes": "<item>" + "".join(f"<p{n}:a/>" for n in range(5_000)) + "</item>",
    "tags in a title": "<item><title>" + "&lt;b>" * 50_000 + "</title></item>",
    "deep elements": "<a>" * 20_000,
    "an address of an author": "<item><author>" + "a@" * 50_000 + "</author></item>",
    "undefined entities": "<item><title>" + "&nbsp;" * 50_000 + "</title></item>",
    "blanks among the sizes of a picture": (
        f"<item><description>&lt;img srcset='{' ' * 300_000}'></description></item>"
    ),
    "a rule of recurrence": '<p:updateFrequency xmlns:p="https://podcastindex.org/namespace/1.0" rrule="'
    + "F" * 300_000
    + '"/>',
}


@pytest.mark.parametrize("inner", HEAVY.values(), ids=HEAVY.keys())
@pytest.mark.timeout(20)
def test_no_document_takes_time_by_the_square_of_its_size(inner: str) -> None:
    with suppress(ParseError):
        check(read(f"<rss version='2.0'><channel>{inner}</channel></rss>"))
