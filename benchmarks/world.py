"""A world of feeds to poll: documents on disk, what is true of them, and how they move on.

A seed flows in; a folder with one document for each loopback address flows out, plain and gzipped,
and the truth: every entry that was ever published with its present title, date and text. The
same seed gives the same world. RSS 2.0 with content, Atom and RSS 1.0 (RDF), 10 to 50 entries,
lognormal text sizes, six languages. advance() lets 15 % of the feeds publish and some edit.
"""

from __future__ import annotations

import gzip
import json
import math
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.prose import LANGUAGES, make_html, make_sentence, make_title

FORMATS = ("rss", "rss", "rss", "atom", "atom", "rdf")
#: characters of an entry's text: the median, and the spread of its logarithm
MEDIAN_CHARACTERS, SPREAD = 780, 0.9
#: of the feeds, in one step
GAINING, EDITING = 0.15, 0.04


@dataclass
class Post:
    """One entry, as it stands now."""

    id: str
    link: str
    title: str
    #: ISO 8601, whole seconds
    published: str
    html: str
    #: a word that only the present text holds
    mark: str
    is_listed: bool = True

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.published)


@dataclass
class Site:
    """One feed and everything it ever published."""

    number: int
    address: str
    format: str
    language: str
    title: str
    posts: list[Post] = field(default_factory=list)
    made: int = 0

    @property
    def home(self) -> str:
        return f"https://site{self.number}.example"


class World:
    """The sites, and where their documents lie."""

    def __init__(self, folder: Path, feeds: int, *, seed: int = 7, start: datetime | None = None) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.now = start or datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        self.sites = [self._found(number) for number in range(feeds)]
        for site in self.sites:
            self._write(site)
        self.tell()

    def urls(self, port: int, scheme: str = "http") -> Iterator[str]:
        """Yield the URL of every feed."""
        for site in self.sites:
            yield f"{scheme}://{site.address}:{port}/feed.xml"

    def advance(self) -> tuple[int, int]:
        """Let an hour pass: some sites publish, some edit; return how many entries are new, and edited."""
        self.now += timedelta(hours=1)
        new = edited = 0
        for site in self.sites:
            gains = self.chance.randint(1, 3) if self.chance.random() < GAINING else 0
            edits = 1 if self.chance.random() < EDITING else 0
            if not (gains or edits):
                continue
            listed = [post for post in site.posts if post.is_listed]
            for old in listed[len(listed) - gains :] if gains else ():
                old.is_listed = False
            if edits:  # … of what is still listed: nobody can see another one
                self._edit(site)
            for _ in range(gains):
                site.posts.insert(
                    0, self._post(site, self.now - timedelta(seconds=self.chance.randint(0, 3000)))
                )
            new, edited = new + gains, edited + edits
            self._write(site)
        self.tell()
        return new, edited

    def tell(self) -> None:
        """Write truth.json: every site with every entry it ever published."""
        truth = {site.address: {post.id: asdict(post) for post in site.posts} for site in self.sites}
        (self.folder / "truth.json").write_text(json.dumps(truth), "utf-8")

    def truth(self) -> dict[str, dict[str, Post]]:
        """Return by address and entry id every entry as it stands now."""
        return {site.address: {post.id: post for post in site.posts} for site in self.sites}

    def _found(self, number: int) -> Site:
        chance = self.chance
        language = chance.choices(LANGUAGES, weights=(10, 3, 3, 3, 2, 2))[0]
        address = f"127.{1 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
        site = Site(number, address, chance.choice(FORMATS), language, make_title(chance, language))
        count = min(50, 10 + int(chance.expovariate(1 / 12)))
        when = self.now
        for _ in range(count):
            when -= timedelta(seconds=chance.randint(600, 200_000))
            site.posts.append(self._post(site, when))
        return site

    def _post(self, site: Site, when: datetime) -> Post:
        chance = self.chance
        site.made += 1
        characters = int(chance.lognormvariate(math.log(MEDIAN_CHARACTERS), SPREAD))
        mark = f"mark{site.number}x{site.made}x0"
        return Post(
            id=f"tag:site{site.number}.example,2026:{site.made}",
            link=f"{site.home}/{when:%Y/%m}/{site.made}",
            title=make_title(chance, site.language),
            published=when.isoformat(),
            html=make_html(chance, site.language, site.home, characters) + f"<p>{mark}</p>",
            mark=mark,
        )

    def _edit(self, site: Site) -> None:
        post = self.chance.choice([post for post in site.posts if post.is_listed][:10])
        before, edition = post.mark.rsplit("x", 1)
        mark = f"{before}x{int(edition) + 1}"
        post.html = post.html.replace(post.mark, mark) + f"<p>{make_sentence(self.chance, site.language)}</p>"
        post.mark = mark
        post.title = make_title(self.chance, site.language)

    def _write(self, site: Site) -> None:
        document = write_feed(site).encode()
        folder = self.folder / "www" / site.address
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "feed.xml").write_bytes(document)
        (folder / "feed.xml.gz").write_bytes(gzip.compress(document, 6, mtime=0))


def write_feed(site: Site) -> str:
    """Return the document a site serves now."""
    posts = [post for post in site.posts if post.is_listed]
    return {"rss": _rss, "atom": _atom, "rdf": _rdf}[site.format](site, posts)


def _rss(site: Site, posts: list[Post]) -> str:
    items = "".join(
        f"\n<item><title>{escape(post.title)}</title><link>{post.link}</link>"
        f'<guid isPermaLink="false">{post.id}</guid><pubDate>{format_datetime(post.when)}</pubDate>'
        f"<dc:creator><![CDATA[Desk {site.number}]]></dc:creator><category>news</category>"
        f"<description>{escape(_summary(post))}</description>"
        f"<content:encoded><![CDATA[{post.html}]]></content:encoded></item>"
        for post in posts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel>'
        f"<title>{escape(site.title)}</title><link>{site.home}/</link>"
        f"<description>{escape(site.title)}</description><language>{site.language}</language>"
        f"{items}\n</channel></rss>\n"
    )


def _atom(site: Site, posts: list[Post]) -> str:
    entries = "".join(
        f"\n<entry><title>{escape(post.title)}</title><id>{post.id}</id>"
        f'<link rel="alternate" type="text/html" href="{post.link}"/><published>{post.published}</published>'
        f"<updated>{post.published}</updated><summary>{escape(_summary(post))}</summary>"
        f'<content type="html">{escape(post.html)}</content></entry>'
        for post in posts
    )
    updated = max(post.published for post in posts)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{site.language}">'
        f"<title>{escape(site.title)}</title><id>tag:site{site.number}.example,2026:feed</id>"
        f'<link href="{site.home}/"/><updated>{updated}</updated>'
        f"<author><name>Desk {site.number}</name></author>{entries}\n</feed>\n"
    )


def _rdf(site: Site, posts: list[Post]) -> str:
    rows = "".join(f'<rdf:li rdf:resource="{post.link}"/>' for post in posts)
    items = "".join(
        f'\n<item rdf:about="{post.id}"><title>{escape(post.title)}</title><link>{post.link}</link>'
        f"<dc:date>{post.published}</dc:date><description>{escape(_summary(post))}</description>"
        f"<content:encoded><![CDATA[{post.html}]]></content:encoded></item>"
        for post in posts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f'\n<channel rdf:about="{site.home}/"><title>{escape(site.title)}</title><link>{site.home}/</link>'
        f"<description>{escape(site.title)}</description><items><rdf:Seq>{rows}</rdf:Seq></items></channel>"
        f"{items}\n</rdf:RDF>\n"
    )


def _summary(post: Post) -> str:
    return post.html.split("</p>")[0].partition(">")[2][:200]
