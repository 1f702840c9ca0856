"""The headline of an article page, whether it is marked up as one or not: a tree in, an element out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from aggregator.parse.pages.tree import TITLE_NAMES, Element, elements, is_aside, names_of, text_of
from aggregator.parse.when import parse_when

_BOLD = frozenset({"b", "strong", "big", "font", "h2", "h3", "h4"})
_SHORTEST, _LONGEST = 15, 250
#: only whether a line is a date is asked, not which
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def find_heading(root: Element, container: Element | None) -> Element | None:
    """Return the element that holds the headline; None if nothing looks like one.

    Args:
        container: what holds the text; a headline stands before or in it.
    """
    first = next((each for each in elements(root, "h1") if text_of(each) and not is_aside(each)), None)
    if first is not None or container is None:
        return first
    lines = _lines_before(root, container)
    counts = Counter(text for _, text in lines)
    ranked = sorted(
        lines,
        key=lambda line: (
            TITLE_NAMES.search(names_of(line[0], "id")) is None,
            counts[line[1]] < 2,
            not _is_bold(line[0]),
        ),
    )
    return ranked[0][0] if ranked else None


def _lines_before(root: Element, container: Element) -> list[tuple[Element, str]]:
    """Return the elements of one short line each, up to the first paragraph, dates left out."""
    lines = []
    for element in root.iter():
        if element is container:
            break
        if not isinstance(element.tag, str) or is_aside(element) or len(element) > 3:
            continue
        text = text_of(element)
        is_line = _SHORTEST <= len(text) <= _LONGEST and len(text.split()) >= 3
        if is_line and element.tag not in {"title", "head", "html", "body"} and not _is_date(text):
            lines.append((element, text))
    return lines


def _is_date(text: str) -> bool:
    return len(text) < 40 and parse_when(text, _ANY_DAY) is not None


def _is_bold(element: Element) -> bool:
    return element.tag in _BOLD or any(each.tag in _BOLD for each in element.iterdescendants())
