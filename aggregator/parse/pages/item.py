"""One block of a page becomes an entry: by the fields of the configuration, or found by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from aggregator.model import Category, Entry, Fields, Person
from aggregator.parse.html import escape_text, sanitise
from aggregator.parse.links import absolute, strip_tracking
from aggregator.parse.pages import selectors
from aggregator.parse.pages.body import read_body
from aggregator.parse.pages.tree import (
    TITLE_NAMES,
    Element,
    Page,
    elements,
    is_heading,
    names_of,
    naming,
    stands_in,
    text_of,
)
from aggregator.parse.when import parse_when

#: a headline is no longer than this; what is, is a text
_LONGEST_TITLE = 300
#: a block with more characters than this is an article, not a card
_TEXT = 800
_TEASER_NAMES = naming("summary|teaser|standfirst|excerpt|dek|description|intro|abstract|lead")
_DATE_NAMES = naming("date|time|timestamp|published|posted")
#: a date beside a headline is no longer, and has a day, a word for one, or says how long ago
_LONGEST_DATE = 45
_DATED = re.compile(
    r"^(?:posted |published |updated |on )*(?:\w+,? )?"
    r"(?:\d{1,2}\.? \w{3,}|\w{3,} \d{1,2},? \d{4}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4})"
    r"|^\d{1,3} ?\w+(?: ago| geleden|前)$|^(?:vor|hace|il y a|há|fa) \d|^\d{1,2} ?(?:m|min|h|hr|hrs|d)$"
    r"|^(?:today|yesterday|heute|gestern|hier|ayer|oggi|ieri)\b",
    re.IGNORECASE,
)
_KICKER_NAMES = naming("kicker|eyebrow|badge|flag|label|prefix")


def read_item(page: Page, block: Element, fields: Fields, now: datetime) -> Entry:
    """Return the entry in *block*.

    Args:
        fields: selectors by field; where there are none at all every field is looked for, else
            only title and link are.
    """
    wanted = dict(fields)
    if not wanted:
        return _guess(page, block, now)
    link = selectors.find_address(page, block, wanted["link"]) if "link" in wanted else find_link(page, block)
    titles = selectors.find_texts(block, wanted["title"]) if "title" in wanted else [find_title(block)]
    base = link or page.base
    content = selectors.find_html(page, block, wanted.get("content", ()), base)
    summary = selectors.find_html(page, block, wanted.get("summary", ()), base)
    return Entry(
        id=next(iter(selectors.find_texts(block, wanted.get("id", ()))), ""),
        title=titles[0] if titles else "",
        link=link,
        authors=tuple(Person(name=name) for name in _each(block, wanted.get("author", ()))),
        published=selectors.find_moment(block, wanted.get("date", ()), now),
        updated=selectors.find_moment(block, wanted.get("updated", ()), now),
        summary=summary,
        content=content,
        categories=tuple(Category(term) for term in _each(block, wanted.get("category", ()))),
        image=selectors.find_address(page, block, wanted.get("image", ()), is_picture=True),
    )


def _each(block: Element, wanted: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(selectors.find_texts(block, wanted)))


def _guess(page: Page, block: Element, now: datetime) -> Entry:
    title = find_title(block)
    link = find_link(page, block)
    content = sanitise(read_body(block, title), link or page.base) if len(text_of(block)) > _TEXT else ""
    summary = "" if content else escape_text(_find_teaser(block, title))
    return Entry(
        title=title,
        link=link,
        published=find_date(block, now),
        summary=summary,
        content=content,
        image=selectors.find_address(page, block, ("img",), is_picture=True),
    )


def find_title(block: Element) -> str:
    """Return the headline in a block: a heading, something called a title, the longest link, its text."""
    for element in elements(block):
        if is_heading(element) and (text := _headline(element)):
            return text[:_LONGEST_TITLE]
    for element in elements(block):
        if TITLE_NAMES.search(names_of(element, "itemprop")) and (text := text_of(element)):
            return text[:_LONGEST_TITLE]
    links = sorted((text_of(a) for a in elements(block, "a")), key=len, reverse=True)
    if links and len(links[0]) >= 12:
        return links[0][:_LONGEST_TITLE]
    own = text_of(block)
    return own if len(own) <= _LONGEST_TITLE else ""


def _headline(heading: Element) -> str:
    """Return a heading's text without the word that some put above it: Live, Opinion, Video."""
    whole = text_of(heading)
    for part in heading.iterdescendants():
        above = text_of(part) if _KICKER_NAMES.search(part.get("class") or "") else ""
        if above and whole != above and whole.startswith(above):
            return whole[len(above) :].lstrip(" :|/·-–—")
    return whole


def find_link(page: Page, block: Element) -> str | None:
    """Return where a block leads: its heading's link, the link with the longest text, the link around it."""
    inside = [a for heading in elements(block) if is_heading(heading) for a in elements(heading, "a")]
    inside += [a for a in elements(block) if is_heading(a) for a in a.iterancestors("a")]
    inside += sorted(elements(block, "a"), key=lambda a: len(text_of(a)), reverse=True)
    inside += list(block.iterancestors("a"))
    for anchor in inside:
        href = (anchor.get("href") or "").strip()
        if href and not href.startswith("#") and (url := absolute(href, page.base)):
            return strip_tracking(url)
    return None


def find_date(block: Element, now: datetime) -> datetime | None:
    """Return the first date in a block: a time element, something called a date."""
    for element in elements(block, "time", "relative-time"):
        for text in (element.get("datetime"), element.get("title"), text_of(element)):
            if moment := parse_when(text, now):
                return moment
    for element in elements(block):
        label = names_of(element, "itemprop")
        if _DATE_NAMES.search(re.sub(r"([a-z])([A-Z])", r"\1-\2", label)) and (
            moment := parse_when(element.get("content") or text_of(element), now)
        ):
            return moment
    return next((moment for text in _asides(block) if (moment := parse_when(text, now))), None)


def _asides(block: Element) -> Iterator[str]:
    """Yield the short texts beside the headline that say a day, or how long ago."""
    for element in elements(block):
        is_title = (
            is_heading(element) or element.tag == "a" or stands_in(element, "a", "h1", "h2", "h3", "h4")
        )
        for text in (None if is_title else element.text, None if element is block else element.tail):
            said = " ".join((text or "").split()).strip(" :,|·•-–—()[]")
            if 3 <= len(said) <= _LONGEST_DATE and _DATED.search(said):
                yield said


def _find_teaser(block: Element, title: str) -> str:
    for element in elements(block):
        is_teaser = bool(_TEASER_NAMES.search(element.get("class") or "")) or element.tag == "p"
        if is_teaser and not stands_in(element, "h1", "h2", "h3", "h4", "a") and not _has_heading(element):
            text = text_of(element)
            if len(text) >= 30 and text != title and not text.startswith(title + title):
                return text
    return ""


def _has_heading(element: Element) -> bool:
    return any(is_heading(each) for each in elements(element))
