# ruff: noqa: E501 - the pieces stand in rows
"""Inputs by the million: what is tried, and how inputs are made from a seed.

Each target takes chance and one input, and must come back, or raise its own error. Inputs are made of
pieces that mean something to their reader; they are cut, doubled, swapped and spoiled.
"""

from __future__ import annotations

import gzip
import random
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config.imports.reading import read_foreign
from aggregator.config.imports.wording import render_yaml
from aggregator.config.load import load_configuration
from aggregator.errors import AggregatorError, ConfigurationError
from aggregator.http.body import decode
from aggregator.http.target import join_target, parse_target
from aggregator.model import Entry, Rendered, Source
from aggregator.parse.clean import clean
from aggregator.parse.dates import parse_date
from aggregator.parse.html import sanitise, to_text
from aggregator.parse.reading import read_document
from aggregator.parse.when import parse_when
from aggregator.query.document import Document
from aggregator.query.match import compile_query
from aggregator.query.parse import parse_query
from aggregator.web.answers import answer
from aggregator.web.narrowing import read_narrowing
from tests.hostile.vectors import vectors

Target = Callable[[random.Random], object]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "http://paper.example/feed"
LETTERS = (
    "aZ0 <>&\"'/\\=:;,.#?!%[](){}|*+-_@\t\n\r\0\x1b\x85\xa0é\u0301\u202e\u2028\ud800\udfff\ufeff\uffff😀"
)
MARKUP = (
    "<p>",
    "</p>",
    "<a href='x'>",
    "<b",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&#x0;",
    "&#xD800;",
)
FEEDS = (
    "<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-16'?>", "<!DOCTYPE rss [<!ENTITY a 'b'>]>", "&a;",
    "<rss version='2.0'>", "<channel>", "<item>", "<title>", "</title>", "</item>", "</channel>", "</rss>", "<guid>",
    "</guid>", "<link>http://a.example/</link>", "<pubDate>Mon, 02 Mar 2026 12:00:00 GMT</pubDate>", "<description>",
    "</description>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "</entry>", "</feed>", "<id>1</id>",
    "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>", "</div></content>", "<summary type='html'>",
    "</summary>", "<updated>2026-03-02T12:00:00Z</updated>", "<link rel='hub' href='http://h.example/'/>",
    "<enclosure url='http://a.example/a.mp3' type='audio/mpeg' length='1'/>", "<media:content url='x'/>",
    "<rdf:RDF xmlns='http://purl.org/rss/1.0/'>", '{"version":"https://jsonfeed.org/version/1.1",', '"items":[',
    '{"id":"1","title":"x"}', "]", "}", "\ufeff", *MARKUP,
)  # fmt: skip
QUERIES = (
    "AND", "OR", "NOT", "and", "-", "(", ")", '"', "title:", "author:", "words:[1 TO *]", "age:<2d", "tag:x", "*", "w*",
    "/re+/", "/(a|b)*c/", "/[/", "has:image", "published:", "[", "]", "TO", "{", "}", "~", "^", "\\", ":", "+", "é", " ",
)  # fmt: skip
YAML = (
    "site:", "web:", "sources:", "feeds:", "topics:", "defaults:", "fetch:", "\n", "\n  ", "\n    ", "- ", "url: ",
    "http://a.example/", "name: x", "query: ", "'", '"', "{", "}", "[", "]", ",", ": ", "&a", "*a", "<<: *a", "!!python",
    "${HOME}", "${file:x}", "|", ">", "#", "every: 5m", "1h", "---", "database: sqlite:///a.db", "\t", "\x85", *QUERIES,
)  # fmt: skip
DATES = (
    "Mon, ", "02 ", "Mar ", "2026", " 12:00:00", " GMT", " +0100", "T", "Z", "-", "/", ".", "W", "99", "yesterday ", "3 ",
    "hours ago", "vor 2 Tagen", "昨日", "年", "月", "noon", "12:61", "24:00", "-0", "1e9", "1700000000", "Sept", "Mai ",
)  # fmt: skip
OPML = "<opml version='2.0' xmlns:frss='https://freshrss.org/opml'><body><outline xmlUrl='http://a.example/f'"
LISTS = (
    "<opml version='2.0'>", "<head>", "<body>", "<outline text='x' xmlUrl='http://a.example/f'", "/>", ">", "</outline>",
    "</body>", "</opml>", "[Planet]\n", "[http://a.example/f]\n", "name = x\n", "filter = (\n", "[DEFAULT]\n", "%(x)s",
    "sources:\n", "  - href: http://a.example/f\n", "cacheUrl: x\n", "items_per_page = 5\n", "output_dir = /etc\n", *MARKUP,
    " frss:filtersActionRead='intitle:/x/i OR (a -b)'", " xmlns:frss='https://freshrss.org/opml'", " type='HTML+XPath'",
    " frss:xPathItem='//a[@b]'", " keeplistRules='(?i)x|['", " blockFilterEntryRules='EntryTitle=x'", '[{"feed_url": "http://a.example/f"',
    ', "category": {"title": "x"}', ", ", "}]", "endpoints:\n", "  - path: /x.xml\n", "    source: http://a.example/f\n", "    filters:\n",
    "      - merge: [http://a.example/g]\n", "      - discard: {contains: x}\n", "      - sanitize: [{remove: x}]\n",
)  # fmt: skip
HEADERS = (
    "gzip", "br", "identity", "*", ";q=", "0", "1.0", "0.0001", ",", '"', "W/", "text/html", "application/atom+xml",
    "Mon, 02 Mar 2026 12:00:00 GMT", "bytes=0-", "q=0.5.5", "limit", "x" * 300, "é", "/",
)  # fmt: skip
URLS = (
    "http:", "https:", "//", "/", "\\", "@", ":", "80", "[", "]", "::1", "127.0.0.1", "0x7f", "a.example", "?", "#", "%31",
    "%", "..", "file:", "javascript:", "ﬀ", "℀", "。", "xn--", "\t", "user:pass",
)  # fmt: skip
CODINGS = ("gzip", "deflate", "br", "zstd", "identity", "x", "gzip, br", ", ,", "gzip, gzip, gzip")
VECTORS = tuple(vectors())
#: what no cleaned markup may have as a tag; the cleaner's output has no other "<" in text
_LIVE_TAG = re.compile(
    r"<(?:script|style|svg|math|object|embed|form|base|meta|link|template|noscript)\b", re.I
)


def patch(chance: random.Random, pieces: tuple[str, ...], most: int = 40) -> str:
    """A text of some pieces, now and then spoiled."""
    parts = [chance.choice(pieces) for _ in range(chance.randrange(most))]
    while parts and chance.random() < 0.4:
        at = chance.randrange(len(parts))
        match chance.randrange(4):
            case 0:
                parts[at] = parts[at][: chance.randrange(len(parts[at]) + 1)]
            case 1:
                parts[at] *= chance.choice((2, 3, 50))
            case 2:
                parts[at] += "".join(chance.choices(LETTERS, k=chance.randrange(8)))
            case _:
                parts[at] = parts[chance.randrange(len(parts))]
    return "".join(parts)


def raw(chance: random.Random, text: str) -> bytes:
    """A text as bytes, sometimes in an odd charset, sometimes with a bit turned over."""
    encoding = chance.choice(("utf-8",) * 8 + ("utf-16", "utf-32", "latin-1", "cp037", "utf-7"))
    body = bytearray(text.encode(encoding, "surrogatepass" if encoding.startswith("utf-") else "replace"))
    while body and chance.random() < 0.2:
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def feed(chance: random.Random) -> None:
    """A document of any kind is a feed, or an error of ours."""
    kind = chance.choice(("", "text/xml", "application/json", "text/html; charset=utf-16", "x" * 50))
    text = "<rss version='2.0'><channel><item>" * chance.randrange(2) + patch(chance, FEEDS)
    parsed = read_document(raw(chance, text), url=URL, headers={"content-type": kind})
    for entry in parsed.entries:
        assert entry.key
        assert "\0" not in entry.title + entry.summary + entry.content
        assert not _LIVE_TAG.search(_outside_quotes(entry.summary + entry.content))


def markup(chance: random.Random) -> None:
    """Cleaned markup has no live element, and cleaning it again changes nothing that matters."""
    parts = [chance.choice(VECTORS) for _ in range(chance.randrange(1, 4))]
    text = "".join(part[chance.randrange(len(part) // 2) :] for part in parts) + patch(chance, MARKUP, 10)
    safe = sanitise(text, URL)
    assert not _LIVE_TAG.search(_outside_quotes(safe)), safe
    assert not _LIVE_TAG.search(_outside_quotes(sanitise(safe, URL)))
    to_text(text)


def _outside_quotes(html: str) -> str:
    return re.sub(r'="[^"]*"', "", html)


def query(chance: random.Random) -> None:
    """A query is judged on an article, or refused with a sentence."""
    matcher = compile_query(parse_query(patch(chance, QUERIES, 20)))
    entry = Entry(key="1", title=clean(patch(chance, QUERIES, 5)), summary=clean(patch(chance, MARKUP, 5)))
    matcher(Document(entry, Source(url=URL, name="x"), slug="x"), NOW)


_FOLDER = Path(tempfile.mkdtemp(prefix="aggregator-fuzz-"))


def configuration(chance: random.Random) -> None:
    """A file is a configuration, or refused with places."""
    path = _FOLDER / "a.yaml"
    start = "site: {title: x}\nsources: []\n" if chance.random() < 0.3 else ""
    path.write_bytes(raw(chance, start + patch(chance, YAML, 12)))
    load_configuration(path, {})


def foreign(chance: random.Random) -> None:
    """A list of another program is a configuration that loads, or refused."""
    name = chance.choice(("a.opml", "planet.ini", "osmosfeed.yaml", "x"))
    start = chance.choice(("", OPML, "[Planet]\n", "sources:\n", "endpoints:\n", "[{"))
    text, _, _ = render_yaml(read_foreign(raw(chance, start + patch(chance, LISTS)), name))
    path = _FOLDER / "imported.yaml"
    path.write_text(text, "utf-8")
    try:
        load_configuration(path, {})
    except ConfigurationError as error:
        raise AssertionError(f"{error}\n{text}") from None


def dates(chance: random.Random) -> None:
    """Anything is a moment with a zone, or none."""
    text = patch(chance, DATES, 8)
    for found in (parse_date(text), parse_when(text, NOW)):
        assert found is None or found.tzinfo is not None


def request(chance: random.Random) -> None:
    """Any header fields and parameters get one of a few answers, and nothing of them comes back."""
    names = ("If-None-Match", "If-Modified-Since", "Accept-Encoding", "Accept", "Range")
    fields = {name: patch(chance, HEADERS, 8) for name in names if chance.random() < 0.6}
    rendered = Rendered(body=b"x", media_type="application/atom+xml", etag="e", last_modified=NOW)
    made = answer(chance.choice(("GET", "HEAD")), fields, rendered)
    assert made.status in (200, 304, 406)
    read_narrowing({"q": patch(chance, QUERIES, 6), "limit": patch(chance, HEADERS, 2)})


def addresses(chance: random.Random) -> None:
    """A URL or a Location is a target whose bytes can be sent, or refused."""
    start = "http://a.example/" if chance.random() < 0.5 else "http://"
    target = parse_target(start + patch(chance, URLS, 10))
    assert target.url.isascii()
    assert join_target(target, patch(chance, URLS, 8)).url.isprintable()


def packed(chance: random.Random) -> None:
    """A packed body comes out within its limit, or is refused."""
    body = raw(chance, patch(chance, FEEDS, 10))
    if chance.random() < 0.7:
        body = gzip.compress(body)
        body = body[: chance.randrange(len(body) + 20)] + body[: chance.choice((0, 0, 3))]
    assert len(decode(body, chance.choice(CODINGS), 5000)) <= 5000


TARGETS: dict[str, Target] = {
    "feed": feed,
    "markup": markup,
    "query": query,
    "configuration": configuration,
    "foreign": foreign,
    "dates": dates,
    "request": request,
    "addresses": addresses,
    "packed": packed,
}


def feed_one(name: str, seed: int, number: int) -> bool:
    """Try one input; return whether it was taken. What is no error of ours is raised, with the way to it."""
    chance = random.Random(f"{name} {seed} {number}")
    try:
        TARGETS[name](chance)
    except (AggregatorError, ConfigurationError):
        return False
    except BaseException as error:
        error.add_note(f"again: python -m tests.fuzz --target {name} --seed {seed} --from {number} --count 1")
        raise
    return True
