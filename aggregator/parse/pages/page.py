"""One page without a feed: text flows in, a ParsedFeed flows out.

With selectors the configuration decides. Without, the page is asked what it is: a list of
articles in its data, an article, or headlines. The masthead's date is the edition's, never
the article's: an article without a date of its own is undated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.errors import LayoutChanged, ParseError
from aggregator.model import Category, Entry, FeedInfo, ParsedFeed, Person, Reading
from aggregator.parse.feedinfo import language
from aggregator.parse.html import escape_text, sanitise, to_text
from aggregator.parse.identity import identify
from aggregator.parse.links import absolute
from aggregator.parse.pages.article import article_text, paragraphs
from aggregator.parse.pages.headlines import FEWEST, find_headlines
from aggregator.parse.pages.item import find_date, find_link, read_item
from aggregator.parse.pages.selectors import find_all
from aggregator.parse.pages.structured import Found, find_articles, find_opengraph, joined
from aggregator.parse.pages.tree import Element, Page, elements, names_of, parse_page, text_of
from aggregator.parse.when import parse_when

#: characters of running text that make a page an article, when its data does not say so
_ARTICLE_TEXT = 1200
_DATELINE = re.compile(r"(?:^|[\s_-])(?:date|dateline|published|timestamp|byline)(?:$|[\s_-])")


def read_page(text: str, url: str, reading: Reading) -> ParsedFeed:
    """Return the entries of a web page.

    Raises:
        LayoutChanged: a selector matches nothing.
        ParseError: nothing on the page looks like articles.
    """
    page = parse_page(text, url)
    about, is_article = find_opengraph(page, reading.now)
    info = _info(page, about)
    if reading.items:
        entries, is_list = _by_selectors(page, reading), True
    else:
        entries, is_list = _by_itself(page, about, reading, is_article=is_article)
    if not entries:
        raise ParseError("Nothing on the page looks like articles; name them with `items:`.")
    # the one article of a page is known by the page's address; on a front page that changes hands
    home = info.link if is_list or _is_front(page.url) else None
    return ParsedFeed(format="page", info=info, entries=identify(_in_language(entries, info), home))


def _by_selectors(page: Page, reading: Reading) -> list[Entry]:
    blocks, _ = find_all(page.root, reading.items)
    if not blocks:
        raise LayoutChanged(
            f"The selector {' | '.join(reading.items)} matches nothing: the page is built differently now, "
            "or the selector is wrong."
        )
    read = [read_item(page, block, reading.fields, reading.now) for block in blocks]
    entries = [entry for entry in read if entry.title or entry.link or entry.content]
    if not entries:
        raise LayoutChanged(
            "The fields match nothing in what `items` finds: neither title, link nor content."
        )
    return entries


def _by_itself(page: Page, about: Found, reading: Reading, *, is_article: bool) -> tuple[list[Entry], bool]:
    """Return the page's entries, and whether they are a list."""
    if reading.fields:
        return [read_item(page, page.root, reading.fields, reading.now)], False
    found = find_articles(page, reading.now)
    if len([each for each in found if each.link]) >= FEWEST and not is_article:
        return [
            _entry(each, paragraphs(each.text), each.link) for each in found if each.title or each.link
        ], True
    if article := _article(page, about, found, reading.now, is_article=is_article):
        return [article], False
    return [read_item(page, block, (), reading.now) for block in find_headlines(page)], True


def _article(
    page: Page, about: Found, found: Sequence[Found], now: datetime, *, is_article: bool
) -> Entry | None:
    """Return the page as one article; None if it is none."""
    read = article_text(page, about, found)
    if read.said is None and not is_article and (read.length < _ARTICLE_TEXT or _is_list(page, read.length)):
        return None
    known = joined(read.said, about) if read.said else about
    known = replace(
        known,
        title=read.title or known.title or _document_title(page),
        link=known.link or absolute(page.url, page.url),
        published=known.published or _own_date(read.heading, read.container, now),
    )
    return _entry(known, read.body, page.base)


def _is_list(page: Page, length: int) -> bool:
    """Tell whether headlines that lead somewhere outweigh the running text."""
    cards = sum(len(text_of(each)) for each in find_headlines(page) if find_link(page, each))
    return cards > length * 2


def _own_date(heading: Element | None, container: Element | None, now: datetime) -> datetime | None:
    """Return the date that stands between the headline and the end of the text, if there is one."""
    if container is None:
        return None
    if heading is None:
        return find_date(container, now)
    for element in _between(heading, container):
        is_date = _is_dateline(element) or element.tag == "time"
        if is_date and (moment := find_date(element, now) or parse_when(text_of(element), now)):
            return moment
    return find_date(container, now)


def _between(heading: Element, container: Element) -> Iterator[Element]:
    """Yield what follows the headline up to the text, in document order."""
    around = {container, *container.iterancestors()}
    shared = next((each for each in heading.iterancestors() if each in around), None)
    is_behind = False
    for element in shared.iter() if shared is not None else ():
        if element is container and is_behind:
            return
        if is_behind and isinstance(element.tag, str):
            yield element
        is_behind = is_behind or element is heading


def _is_dateline(element: Element) -> bool:
    label = names_of(element, "itemprop")
    return "datePublished" in label or bool(_DATELINE.search(label))


def _entry(found: Found, content: str, base: str | None) -> Entry:
    """Return an entry of what data says, and of HTML not yet sanitised, seen from *base*."""
    return Entry(
        title=found.title,
        link=found.link,
        authors=tuple(Person(name=name) for name in found.authors),
        published=found.published,
        updated=found.updated,
        summary=escape_text(found.summary),
        content=sanitise(content, base or ""),
        categories=(Category(found.section),) if found.section else (),
        image=found.image,
    )


def _info(page: Page, about: Found) -> FeedInfo:
    site = page.root.xpath("//meta[@property='og:site_name']/@content")
    icon = page.root.xpath("//link[contains(concat(' ', @rel, ' '), ' icon ')]/@href")
    return FeedInfo(
        title=to_text(str(site[0])) if site else _document_title(page),
        subtitle=about.summary,
        link=absolute(page.url, page.url),
        language=language(page.root.get("lang")),
        icon=absolute(str(icon[0]), page.base) if icon else None,
        hubs=_head_links(page, "hub"),
        self_link=next(iter(_head_links(page, "self")), None),
    )


def _head_links(page: Page, rel: str) -> tuple[str, ...]:
    """Return the targets of the head's links of one relation; in the body anybody may write some."""
    links = page.root.xpath("/html/head/link[@href]")
    found = (
        absolute(link.get("href"), page.base)
        for link in links
        if rel in (link.get("rel") or "").lower().split()
    )
    return tuple(dict.fromkeys(url for url in found if url))


def _document_title(page: Page) -> str:
    title = next(elements(page.root, "title"), None)
    return text_of(title) if title is not None else ""


def _in_language(entries: list[Entry], info: FeedInfo) -> list[Entry]:
    return [replace(entry, language=info.language) for entry in entries] if info.language else entries


def _is_front(url: str) -> bool:
    return re.fullmatch(r"https?://[^/?#]+/?(?:index\.\w+)?", url) is not None
