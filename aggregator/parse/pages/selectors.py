"""Selectors of the configuration meet a page: ``h2 a@href`` and a block flow in, values flow out.

A selector is CSS (Selectors Level 4 as cssselect knows it), optionally followed by ``@`` and
the name of an attribute; ``.`` or nothing before the ``@`` is the block itself. Several are
tried in order: the first that finds something counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from lxml.cssselect import CSSSelector

from aggregator.parse.clean import one_line
from aggregator.parse.html import sanitise
from aggregator.parse.links import absolute, strip_tracking
from aggregator.parse.pages.tree import Element, Page, inner_html, outer_html, text_of
from aggregator.parse.when import parse_when
from aggregator.query.selector import split_selector

_ADDRESSES = ("href", "src", "data-src", "content", "data-href")
_PICTURES = ("data-src", "data-original", "src", "content", "href")
_MOMENTS = ("datetime", "content", "data-time", "data-timestamp", "title")


@lru_cache(maxsize=1024)
def compile_selector(selector: str) -> tuple[CSSSelector | None, str | None]:
    """Return the compiled CSS (None: the block itself) and the attribute (None: not stated).

    Raises:
        ValueError: the selector cannot be read; one sentence.
    """
    css, attribute = split_selector(selector)
    return CSSSelector(css, translator="html") if css else None, attribute


def find_all(within: Element, selectors: Sequence[str]) -> tuple[list[Element], str | None]:
    """Return what the first selector that finds something finds, and its attribute."""
    for selector in selectors:
        compiled, attribute = compile_selector(selector)
        found = [within] if compiled is None else list(compiled(within))
        if attribute:
            found = [element for element in found if (element.get(attribute) or "").strip()]
        if found:
            return found, attribute
    return [], None


def find_texts(within: Element, selectors: Sequence[str]) -> list[str]:
    """Return the texts found, each on one line, empty ones left out."""
    found, attribute = find_all(within, selectors)
    read = [one_line(each.get(attribute) or "") if attribute else _shown(each) for each in found]
    return [text for text in read if text]


def find_address(
    page: Page, within: Element, selectors: Sequence[str], *, is_picture: bool = False
) -> str | None:
    """Return the first absolute web address found."""
    found, attribute = find_all(within, selectors)
    names = (attribute,) if attribute else _PICTURES if is_picture else _ADDRESSES
    for element in found:
        for name in names:
            if url := absolute(element.get(name), page.base):
                return url if is_picture else strip_tracking(url)
        inside = None if attribute else next(element.iter("img" if is_picture else "a"), None)
        if inside is not None and (url := absolute(inside.get("src" if is_picture else "href"), page.base)):
            return url if is_picture else strip_tracking(url)
    return None


def find_moment(within: Element, selectors: Sequence[str], now: datetime) -> datetime | None:
    """Return the first date found, in words or machine-readable."""
    found, attribute = find_all(within, selectors)
    for element in found:
        texts = [element.get(name) for name in ((attribute,) if attribute else _MOMENTS)]
        if attribute is None:
            texts.append(text_of(element))
        for text in texts:
            if moment := parse_when(text, now):
                return moment
    return None


def find_html(page: Page, within: Element, selectors: Sequence[str], base: str) -> str:
    """Return all that is found as one piece of safe HTML: the inside of one element, several as they are."""
    found, attribute = find_all(within, selectors)
    if attribute:
        return sanitise(" ".join(each.get(attribute) or "" for each in found), base)
    blocks = _outermost(found)
    as_html = inner_html if len(blocks) == 1 else outer_html
    return sanitise("\n".join(as_html(each) for each in blocks), base)


def _outermost(found: list[Element]) -> list[Element]:
    inside = set(found)
    return [each for each in found if not any(above in inside for above in each.iterancestors())]


def _shown(element: Element) -> str:
    return one_line(element.get("content") or "") if element.tag == "meta" else text_of(element)
