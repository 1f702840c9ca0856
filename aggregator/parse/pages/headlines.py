"""Which blocks of a page are headlines, when nobody has said so.

A tree flows in, blocks in document order flow out. Tried in order: ``<article>`` elements,
headings that are links, and the group of equal blocks with the most text. Menus and the like
are short or stand in furniture; they lose.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from aggregator.parse.pages.item import find_link, find_title
from aggregator.parse.pages.tree import Element, Page, elements, is_aside, stands_in, text_of

#: fewer than this are no list
FEWEST = 3
_GROUPED = ("li", "div", "p", "a", "section", "table", "tr", "dt", "dd", "span")
#: how far above a headline a link that lies over its card may stand
_OVERLAY = 4
_SHORTEST, _LONGEST = 20, 400


def find_headlines(page: Page) -> list[Element]:
    """Return the blocks that hold one headline each; empty if the page has no list of them."""
    for blocks in (_articles(page), _linked_headings(page), _repeated(page)):
        distinct = _distinct(page, blocks)
        if len(distinct) >= FEWEST:
            return distinct
    return []


def _articles(page: Page) -> list[Element]:
    """Cards, each an article element; of nested ones the innermost."""
    found = [each for each in elements(page.root, "article") if not is_aside(each)]
    return [each for each in found if next(each.iterdescendants("article"), None) is None]


def _linked_headings(page: Page) -> list[Element]:
    headings = [each for each in elements(page.root, "h1", "h2", "h3", "h4") if _leads_somewhere(each)]
    headings = _without_labels([each for each in headings if not is_aside(each)])
    known = set(headings)
    return [_card(heading, known) for heading in headings]


def _without_labels(headings: list[Element]) -> list[Element]:
    """Leave out what names a section: a few words, at another level than most headlines."""
    usual = Counter(each.tag for each in headings).most_common(1)
    kept = []
    for heading in headings:
        text = text_of(heading)
        least = 3 if heading.tag == usual[0][0] else 5
        if len(text.split()) >= least or not text.isascii():
            kept.append(heading)
    return kept


def _leads_somewhere(heading: Element) -> bool:
    if next(heading.iter("a"), None) is not None or next(heading.iterancestors("a"), None) is not None:
        return True
    # a link without words may lie over the whole card
    for above, _ in zip(heading.iterancestors(), range(_OVERLAY), strict=False):
        links = [a for a in above.iter("a") if a.get("href")]
        if links:
            return len({a.get("href") for a in links}) == 1 and not any(text_of(a) for a in links)
    return False


def _card(heading: Element, headings: set[Element]) -> Element:
    """Return the largest block around a heading that holds no other heading of the list."""
    block = heading
    for above in heading.iterancestors():
        if (
            above.tag in {"body", "main", "html", "section"}
            or sum(1 for x in above.iter() if x in headings) > 1
        ):
            break
        block = above
    return block


def _repeated(page: Page) -> list[Element]:
    """Return the group of equal blocks that holds the most headline-like text: siblings, or siblings'
    cousins where a front page has several boxes of one make.
    """
    groups: dict[tuple[object, ...], list[Element]] = defaultdict(list)
    for element in elements(page.root, *_GROUPED):
        parent = element.getparent()
        if parent is not None and not _is_navigation(element):
            groups[_make(element), _make(parent), _make(parent.getparent())].append(element)
    best, most = [], 0
    for group in groups.values():
        if len(group) < FEWEST:
            continue
        fitting = [each for each in group if _is_headline(each)]
        weight = sum(len(text_of(each)) for each in fitting)
        if len(fitting) >= FEWEST and len(fitting) * 2 > len(group) and weight > most:
            best, most = fitting, weight
    return best


def _make(element: Element | None) -> tuple[str, str]:
    """Return what elements of one make have in common."""
    return ("", "") if element is None else (element.tag, element.get("class") or "")


def _is_headline(block: Element) -> bool:
    text = text_of(block)
    if not _SHORTEST <= len(text) <= _LONGEST or (len(text.split()) < 3 and text.isascii()):
        return False
    return not text.endswith((".", ":")) or next(block.iter("a"), None) is not None


def _is_navigation(element: Element) -> bool:
    """Tell whether an element stands where headlines never do; beside an article some may."""
    outer = ("nav", "footer", "form", "select", "noscript", "template")
    return element.tag in outer or stands_in(element, *outer)


def _distinct(page: Page, blocks: Iterable[Element]) -> list[Element]:
    """Leave out blocks without a title, and those that lead where an earlier one leads."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        title = find_title(block)
        link = find_link(page, block)
        if not re.search(r"\w", title) or (link and link.rstrip("/") == page.url.rstrip("/")):
            continue
        key = link or title
        if key not in seen:
            seen.add(key)
            kept.append(block)
    return kept
