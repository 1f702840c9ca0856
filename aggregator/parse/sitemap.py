"""A sitemap (sitemaps.org 0.9), with Google's news and image extensions: text in, a ParsedFeed out.

Pages without a news title are named after the last part of their address.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import unquote, urlsplit

from lxml import etree

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import Category, Entry, FeedInfo, ParsedFeed
from aggregator.parse import repair
from aggregator.parse.clean import one_line
from aggregator.parse.dates import parse_date
from aggregator.parse.feedinfo import language
from aggregator.parse.identity import identify
from aggregator.parse.links import absolute, strip_tracking

_SHOWN_MAPS = 3


def read_sitemap(text: str, url: str) -> ParsedFeed:
    """Return the pages that a sitemap lists.

    Raises:
        NotAFeed: it is a list of sitemaps; ``candidates`` are those of news first.
        ParseError: it is none.
    """
    root = _parse(text)
    kind = etree.QName(root).localname if isinstance(root.tag, str) else ""
    if kind == "sitemapindex":
        _refuse_index(root, url)
    if kind != "urlset":
        raise ParseError("The document is no sitemap.")
    read = [_entry(element, url) for element in root if _name(element) == "url"]
    entries = [entry for entry in read if entry is not None]
    site = absolute("/", url)
    return ParsedFeed(format="sitemap", info=FeedInfo(link=site), entries=identify(entries, site))


def _parse(text: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=True)
    try:
        root = etree.fromstring(repair.fix_characters(repair.strip_prolog(text)).encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError("The document is no sitemap.") from error
    if root is None:
        raise ParseError("The document is no sitemap.")
    return root


def _refuse_index(root: etree._Element, url: str) -> None:
    maps = [address for each in root if (address := absolute(_say(each).get("loc"), url))]
    maps.sort(key=lambda address: "news" not in address)
    named = ", ".join(maps[:_SHOWN_MAPS])
    raise NotAFeed(f"This is a list of sitemaps; use one of them: {named}.", maps)


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def _say(element: etree._Element) -> dict[str, str]:
    """Return the texts in an element by name without prefix; of equal names the first."""
    said: dict[str, str] = {}
    for child in element.iterdescendants():
        if name := _name(child):
            said.setdefault(f"{_name(child.getparent())}/{name}", one_line(child.text or ""))
            said.setdefault(name, one_line(child.text or ""))
    return said


def _entry(element: etree._Element, url: str) -> Entry | None:
    said = _say(element)
    link = absolute(said.get("url/loc"), url)
    if link is None:
        return None
    keywords = [word.strip() for word in said.get("news/keywords", "").split(",")]
    modified: datetime | None = parse_date(said.get("url/lastmod"))
    return Entry(
        title=said.get("news/title") or _title_of(link),
        link=strip_tracking(link),
        published=parse_date(said.get("news/publication_date")) or modified,
        updated=modified if said.get("news/publication_date") else None,
        categories=tuple(Category(word) for word in dict.fromkeys(keywords) if word),
        image=absolute(said.get("image/loc"), url),
        language=language(said.get("publication/language")),
    )


def _title_of(link: str) -> str:
    """``/news/harbour-opens-2026.html`` is "Harbour opens 2026"."""
    last = urlsplit(link).path.rstrip("/").rsplit("/", 1)[-1]
    words = re.sub(r"\.\w{2,5}$", "", one_line(unquote(last)))
    words = re.sub(r"[-_+]+", " ", words).strip()
    return words[:1].upper() + words[1:]
