"""The one article of a page: its title, its text, and what the page's data says of it.

A tree and what its data says flow in; the text flows out as HTML, not yet sanitised. The page's
own data is believed where it holds the text, or much more of it than the page shows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.parse.html import escape_text, to_text
from aggregator.parse.pages.body import find_container, read_body
from aggregator.parse.pages.heading import find_heading
from aggregator.parse.pages.structured import Found
from aggregator.parse.pages.tree import Element, Page, text_of


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
    heading = find_heading(page.root, container)
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
