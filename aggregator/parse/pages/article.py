"""The one article of a page: its title, its text, and what the page's data says of it.

A tree and what its data says flow in; the text flows out as HTML, not yet sanitised. The page's
own data is believed where it holds the text, or much more of it than the page shows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aggregator.parse.html import escape_text, to_text
from aggregator.parse.pages.body import find_container, read_body
from aggregator.parse.pages.structured import Found
from aggregator.parse.pages.tree import TITLE_NAMES, Element, Page, elements, is_aside, names_of, text_of
from aggregator.parse.when import parse_when

_BOLD = frozenset({"b", "strong", "big", "font", "h2", "h3", "h4"})
_SHORTEST, _LONGEST = 15, 250
#: only whether a line is a date is asked, not which
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What a page holds if it is read as one article."""

    title: str
    #: HTML; may be empty
    body: str
    #: characters of the text that the page shows
    length: int
    #: what the page's data says about its article; None if it says nothing
    said: Found | None
    heading: Element | None
    #: what holds the text; None if there are no paragraphs
    container: Element | None
    #: the text is that of the page's data
    is_stated: bool


def article_text(page: Page, about: Found, found: Sequence[Found]) -> ArticleText:
    """Return the page read as one article.

    Args:
        about: what the page says of itself (OpenGraph).
        found: the articles of its data.
    """
    said = _main(page, about, [each for each in found if each.is_article])
    container = find_container(page.root)
    heading = _find_heading(page.root, container)
    title = said.title if said and said.title else text_of(heading) if heading is not None else about.title
    body = read_body(container, title) if container is not None else ""
    length = len(to_text(body))
    is_stated = said is not None and len(said.text) > 2 * length
    if said is not None and is_stated:
        body = paragraphs(said.text)
    return ArticleText(title, body, length, said, heading, container, is_stated)


def paragraphs(text: str) -> str:
    """Return plain text as HTML, a paragraph for each line; HTML passes unchanged."""
    if "</p>" in text:
        return text
    parts = [part.strip() for part in re.split(r"\n\s*\n|\r\n|\n", text) if part.strip()]
    made = [
        f"<h3>{escape_text(p)}</h3>" if p.isupper() and len(p) < 80 else f"<p>{escape_text(p)}</p>"
        for p in parts
    ]
    return "\n".join(made)


def _main(page: Page, about: Found, articles: Sequence[Found]) -> Found | None:
    """Return the article that the page's data is mainly about: the one with its address, or the only one."""
    addresses = {url.rstrip("/") for url in (page.url, about.link) if url}
    own = [each for each in articles if each.link and each.link.rstrip("/") in addresses]
    return own[0] if own else articles[0] if len(articles) == 1 else None


def _find_heading(root: Element, container: Element | None) -> Element | None:
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
