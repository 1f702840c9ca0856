"""Sanitised HTML changed piece by piece: a fragment flows in, a fragment flows out.

The parts that are not touched keep their meaning, not every byte: the tree is written anew.
Sanitised HTML is never nested deeper than libxml2 reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import lxml.html
from lxml.cssselect import CSSSelector
from lxml.etree import ParserError
from lxml.html import HtmlElement, tostring

from aggregator.query.text import tokens

#: what shows that a text was cut
ELLIPSIS = "…"


def drop_elements(markup: str, selectors: Sequence[str]) -> str:
    """Return the fragment without the elements that match any selector; text after them stays."""
    root = _tree(markup)
    if root is None:
        return markup
    for selector in selectors:
        for element in _selector(selector)(root):
            # an earlier match may have taken it along
            if element is not root and element.getparent() is not None:
                element.drop_tree()
    return _written(root)


def replace_text(markup: str, change: Callable[[str], str]) -> str:
    """Return the fragment with every run of text changed; tags and attributes stay."""
    root = _tree(markup)
    if root is None:
        return change(markup) if "<" not in markup and "&" not in markup else markup
    for element in root.iter():
        if element.text and isinstance(element.tag, str):
            element.text = change(element.text)
        if element.tail and element is not root:
            element.tail = change(element.tail)
    return _written(root)


def first_words(markup: str, count: int) -> str:
    """Return the fragment cut after *count* words, with an ellipsis, every tag closed.

    A fragment that is not longer comes back as it is.
    """
    root = _tree(markup)
    if root is None:
        return markup
    left = count
    last: tuple[HtmlElement, bool] | None = None
    for element, is_tail in _runs(root):
        text = (element.tail if is_tail else element.text) or ""
        size = len(tokens(text))
        if size > left:
            if left == 0 and last is not None:
                # nothing of this run stays: the mark goes behind the word before it
                element, is_tail = last
                text, left = (element.tail if is_tail else element.text) or "", count
            _cut_after(root, element, _shortened(text, left), is_tail=is_tail)
            return _written(root)
        if size:
            last = (element, is_tail)
        left -= size
    return markup


def _runs(root: HtmlElement) -> list[tuple[HtmlElement, bool]]:
    """The places of text in reading order: (element, is it the text after it)."""
    runs: list[tuple[HtmlElement, bool]] = []
    # a walk with a stack of its own: fragments may be nested deeper than calls can be
    stack: list[tuple[HtmlElement, bool]] = [(root, False)]
    while stack:
        element, is_tail = stack.pop()
        runs.append((element, is_tail))
        if not is_tail:
            if element is not root:
                stack.append((element, True))
            stack.extend((child, False) for child in reversed(list(element)))
    return runs


def _cut_after(root: HtmlElement, element: HtmlElement, text: str, *, is_tail: bool) -> None:
    """Put *text* at the place and take away everything that follows it."""
    if is_tail:
        element.tail = text
    else:
        element.text = text
        for child in list(element):
            element.remove(child)
    while element is not root:
        parent = element.getparent()
        if not is_tail:
            element.tail = None
        for later in list(element.itersiblings()):
            parent.remove(later)
        element, is_tail = parent, False


def _shortened(text: str, count: int) -> str:
    """The first *count* words of a text, as written, and an ellipsis."""
    kept: list[str] = []
    for word in text.split():
        count -= len(tokens(word))
        if count < 0:
            break
        kept.append(word)
    blank = " " if text[:1].isspace() else ""
    return blank + " ".join([*kept, ELLIPSIS])


@lru_cache(maxsize=256)
def _selector(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")


def _tree(markup: str) -> HtmlElement | None:
    """The fragment under one div; None when it holds no markup that can be read."""
    try:
        return lxml.html.fragment_fromstring(markup, create_parent="div")
    except (ParserError, ValueError):
        return None


def _written(root: HtmlElement) -> str:
    whole = str(tostring(root, encoding="unicode"))
    return whole.removeprefix("<div>").removesuffix("</div>")
