"""Feeds whose fields carry markup, addresses, dates, letters and identities that mean harm."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from tests.hostile.cases import OK, Case, kinds
from tests.hostile.documents import item, rss
from tests.hostile.server import Play, answer
from tests.hostile.transport import say

#: must never be found in anything that we publish, but as text
MARKUP = "\"'><script src=//trap.invalid/x.js></script><img src=x onerror=alert(1)>${{7*7}}{{7*7}}<%=7*7%>"
BREAKS = "a\r\nSet-Cookie: evil=1\r\n\r\n<script>\x1b[2J\x1b]0;owned\x07\x00\x85\u2028\u202egpj.exe\ufeff"
ADDRESSES = (
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", " \x01javascript:alert(1)"),
    *("data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "//trap.invalid/x"),
    *(
        'http://trap.invalid/"onmouseover=alert(1)//',
        "http://a@trap.invalid:99999/",
        "http://[::1",
        "\\\\trap\\x",
    ),
)
DATES = (
    *("0000-00-00", "9999-12-31T23:59:59Z", "2038-01-19T03:14:08Z", "-1", "1e400", "99999999999999999999"),
    *("Mon, 32 Foo 2020 25:61:61 +9999", "2020-02-30", "12/31/1999 24:00", "\ud83d\udcc5", "١٢ يناير ٢٠٢٠"),
    *("2020-01-01T00:00:00+99:99", "Thu, 01 Jan 1970 00:00:00 GMT", "0001-01-01", "1" * 5000, "T" * 5000),
)
CHARSETS = (
    *(
        "utf-7",
        "utf-16",
        "utf-32",
        "ucs-2",
        "x-user-defined",
        "iso-2022-jp",
        "iso-2022-kr",
        "hz",
        "big5",
        "cp037",
    ),
    *(
        "zip",
        "hex",
        "rot13",
        "base64",
        "idna",
        "punycode",
        "unicode_escape",
        "undefined",
        "mbcs",
        "../../etc",
    ),
    *("utf-8\x00", "'", "%s%n", "a" * 1000),
)


def everywhere(value: str) -> bytes:
    """An RSS feed with one value in every place there is."""
    v, q = escape(value), quoteattr(value)
    return (
        "<?xml version='1.0'?><rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/' xmlns:itunes="
        "'http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:atom="
        "'http://www.w3.org/2005/Atom' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        f"<title>{v}</title><link>{v}</link><description>{v}</description><language>{v}</language>"
        f"<copyright>{v}</copyright><managingEditor>{v}</managingEditor><generator>{v}</generator>"
        f"<docs>{v}</docs><ttl>{v}</ttl><image><url>{v}</url><title>{v}</title><link>{v}</link></image>"
        f"<atom:link rel='hub' href={q}/><atom:link rel='self' href={q}/>"
        f"<itunes:new-feed-url>{v}</itunes:new-feed-url>"
        f"<item><guid>{v}</guid><title>{v}</title><link>{v}</link><description>{v}</description>"
        f"<content:encoded>{v}</content:encoded><author>{v}</author><dc:creator>{v}</dc:creator>"
        f"<category domain={q}>{v}</category><comments>{v}</comments><pubDate>{v}</pubDate>"
        f"<enclosure url={q} type={q} length={q}/><source url={q}>{v}</source><media:thumbnail url={q}/>"
        f"<media:content url={q} type={q} medium={q}><media:title>{v}</media:title></media:content>"
        f"<itunes:image href={q}/><itunes:duration>{v}</itunes:duration><itunes:episode>{v}</itunes:episode>"
        f"<itunes:explicit>{v}</itunes:explicit><atom:rights>{v}</atom:rights></item></channel></rss>"
    ).encode("utf-8", "surrogatepass")


def everywhere_in_json(value: str) -> bytes:
    """The same as a JSON Feed."""
    attachment = {"url": value, "mime_type": value, "title": value, "size_in_bytes": value}
    person = {"name": value, "url": value, "avatar": value}
    entry = dict.fromkeys(
        (
            "id",
            "title",
            "url",
            "external_url",
            "summary",
            "content_html",
            "image",
            "banner_image",
            "language",
        ),
        value,
    )
    entry |= {"tags": [value], "authors": [person], "attachments": [attachment], "date_published": value}
    feed = dict.fromkeys(("title", "home_page_url", "feed_url", "icon", "favicon", "language"), value)
    hubs = [{"type": "WebSub", "url": value}]
    feed |= {"version": "https://jsonfeed.org/version/1.1", "hubs": hubs, "items": [entry]}
    return json.dumps(feed).encode()


def turning(make: Iterator[bytes]) -> Play:
    """A play that sends another document each time."""
    return lambda line: line.send(answer(next(make)))


def flapping() -> Iterator[Case]:
    """Sources that cannot make up their minds."""
    numbers = itertools.count
    link = "<link>http://h.example/one</link>"
    yield Case("an entry with another id each time", turning(
        rss(item(link, guid=str(n))) for n in numbers()), kinds(OK))  # fmt: skip
    yield Case("an entry with another text each time", turning(
        rss(item(f"<description>{n}</description>")) for n in numbers()), kinds(OK))  # fmt: skip
    yield Case("an entry that comes and goes", turning(
        rss(item("") if n % 2 else item("", guid="two")) for n in numbers()), kinds(OK))  # fmt: skip
    yield Case(
        "one id for all", say(answer(rss("".join(item("", title=str(n)) for n in range(500))))), kinds(OK)
    )
    yield Case("no ids at all", say(answer(rss("<item><title>Same</title></item>" * 500))), kinds(OK))
    yield Case("a feed, a page, a feed", turning(
        rss(item("")) if n % 2 else b"<!doctype html><title>Hi</title>" for n in numbers()),
        kinds(OK, "not-a-feed"))  # fmt: skip


def lying(header: str) -> Play:
    """A play with a hostile header field beside a good feed."""
    return lambda line: line.send(answer(rss(item("")), header))


def fields() -> Iterator[Case]:
    """Everything that a document can say to hurt."""
    values = {"markup": MARKUP, "breaks and bells": BREAKS.replace("\x00", ""), "a NUL by number": "a&#0;b"}
    values |= {f"the address {value.encode('unicode_escape').decode()}": value for value in ADDRESSES}
    values |= {f"the date {value[:40].encode('unicode_escape').decode()}": value for value in DATES}
    for name, value in values.items():
        yield Case(f"{name}, everywhere", say(answer(everywhere(value))), kinds(OK))
        yield Case(f"{name}, everywhere in JSON", say(
            answer(everywhere_in_json(value), content_type="application/feed+json")), kinds(OK))  # fmt: skip
    for charset in CHARSETS:
        name = charset[:20].encode("unicode_escape").decode()
        kind = f"text/xml; charset={charset}"
        feed = rss(
            item("<description>caf\u00e9 +ADw-script+AD4-</description>"),
            head=f"<?xml version='1.0' encoding='{charset}'?>",
        )
        yield Case(f"the charset {name}", say(answer(feed, content_type=kind)),
                   kinds(OK, "parse", "transfer", "too-large", "not-a-feed"))  # fmt: skip
    yield Case("NULs and half letters", say(answer(
        rss(item("", title="a\x00b\ud800c\udfffd\ufffee\uffff")))), kinds(OK))  # fmt: skip
    for name, header in {
        "a tag with a bell": 'ETag: "\x07\x1b[31m"',
        "a tag of thirty kilobytes": f'ETag: "{"e" * 30_000}"',
        "a tag of no language": 'ETag: "\udcff\udcfe"',
        "a date of change in the year 9999": "Last-Modified: Fri, 31 Dec 9999 23:59:59 GMT",
        "a date of change that is none": f"Last-Modified: {'x' * 9000}",
        "a wait of years": "Retry-After: 99999999999",
        "a freshness beyond numbers": f"Cache-Control: max-age={'9' * 400}",
        "links by the thousand": f"Link: {', '.join(['<http://trap.invalid/hub>; rel=hub'] * 700)}",
        "a base elsewhere": "Content-Location: javascript:alert(1)",
        "cookies": "Set-Cookie: a=b; Domain=.example",
    }.items():
        yield Case(name, lying(header), kinds(OK, "transfer"))
    yield from flapping()
