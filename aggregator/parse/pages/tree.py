"""A page's text becomes a tree, and elements become text, HTML and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

from lxml import etree
from lxml import html as lxml_html

from aggregator.errors import ParseError
from aggregator.parse import charsets
from aggregator.parse.clean import clean
from aggregator.parse.html import to_text
from aggregator.parse.links import absolute

#: an lxml element; lxml tells no types
Element: TypeAlias = Any
#: containers that hold navigation, offers and furniture rather than articles
FURNITURE = frozenset({"nav", "footer", "form", "script", "style", "noscript", "template", "dialog", "svg"})
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def naming(words: str) -> re.Pattern[str]:
    """Return what finds one of *words*, alternatives of a pattern, among the names of a class or an id."""
    return re.compile(rf"(?:^|[\s_-])(?:{words})(?:$|[\s_-])", re.IGNORECASE)


_FURNITURE_NAMES = naming(
    r"newsletter|related|recommend\w*|promo\w*|advert\w*|ads?|share|sharing|social|comments?|player|"
    r"audio|subscribe|subscription|sidebar|most-?(?:read|viewed)|popular|trending|breadcrumbs?|cookies?|consent|"
    r"paywall|toolbar|tags|nav|navigation|menu|masthead|site-header|site-footer|footer|ticker|popup|modal|byline|"
    r"dateline|skip-?link"
)
#: names of what holds a headline
TITLE_NAMES = naming("title|headline|heading|hed")


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page."""

    root: Element
    #: where relative addresses count from (``<base>`` obeyed)
    base: str
    #: where it came from
    url: str


def page_text(body: bytes, headers: Mapping[str, str]) -> str:
    """Decode a page; unlike a feed it may say its charset in a meta element."""
    if "charset" not in headers.get("content-type", "").lower() and (
        found := _META_CHARSET.search(body[:4096])
    ):
        headers = {**headers, "content-type": f"text/html; charset={found[1].decode('ascii', 'replace')}"}
    return charsets.to_text(body, headers)[0]


def parse_page(text: str, url: str) -> Page:
    """Return the tree of an HTML document.

    Raises:
        ParseError: there is nothing in it.
    """
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(clean(text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ParseError("The page is empty.") from error
    hrefs = root.xpath("//head/base/@href")
    return Page(root, absolute(str(hrefs[0]), url) or url if hrefs else url, url)


def elements(within: Element, *tags: str) -> Iterator[Element]:
    """Yield the elements of these tags in document order, *within* itself included."""
    for element in within.iter(*tags):
        if isinstance(element.tag, str):
            yield element


def inner_html(element: Element) -> str:
    """Return what stands inside an element, as HTML."""
    parts = [escape(element.text or "", quote=False)]
    parts += [etree.tostring(child, encoding="unicode", method="html") for child in element]
    return "".join(parts)


def outer_html(element: Element) -> str:
    """Return an element as HTML, without what follows it."""
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def text_of(element: Element) -> str:
    """Return the text a reader sees in an element, on one line."""
    return to_text(inner_html(element))


def length_of(text: str) -> int:
    """Return the characters of a text; one of Chinese, Japanese or Korean says as much as two of others."""
    return len(text) if text.isascii() else len(text) + len(_CJK.findall(text))


def is_heading(element: Element) -> bool:
    return element.tag in _HEADINGS


def is_furniture(element: Element) -> bool:
    """Tell whether an element holds what stands around articles: navigation, offers, players, comments."""
    if element.tag in FURNITURE or element.tag in {"aside", "audio", "button", "select", "input", "textarea"}:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if element.get("role") in {"navigation", "complementary", "search", "banner", "contentinfo", "dialog"}:
        return True
    if element.tag in {"body", "html", "main", "article"}:
        return False
    return bool(_FURNITURE_NAMES.search(names_of(element, "id")))


def is_aside(element: Element) -> bool:
    """Tell whether an element is, or stands in, what stands around articles."""
    return any(is_furniture(each) for each in (element, *element.iterancestors()))


def names_of(element: Element, other: str) -> str:
    """Return the names in an element's class and in one *other* attribute, as they are written."""
    return f"{element.get('class') or ''} {element.get(other) or ''}"


def stands_in(element: Element, *tags: str) -> bool:
    """Tell whether an ancestor has one of these tags."""
    return next(element.iterancestors(*tags), None) is not None
