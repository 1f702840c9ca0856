"""The text of an article's own page: the bytes of a page flow in, safe HTML of its article flows out.

The only importer of trafilatura, which the extra ``fulltext`` brings. Two readers look at the
page: our own, which knows what pages say of themselves and drops what stands around a text, and
trafilatura, which finds texts in pages of any make. Where they agree on the place, ours is taken
unless much of the text is missing in it; where they do not, the page's own data decides, else
trafilatura. Where the configuration says by selectors where the text stands, neither is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import trafilatura

from aggregator.errors import ParseError
from aggregator.model.pages import PageText
from aggregator.parse.failures import named_errors
from aggregator.parse.html import sanitise, to_text
from aggregator.parse.pages.article import article_text
from aggregator.parse.pages.body import read_body
from aggregator.parse.pages.selectors import find_html
from aggregator.parse.pages.structured import find_articles, find_opengraph
from aggregator.parse.pages.tree import length_of, page_text, parse_page
from aggregator.query.text import counted_text, word_count

#: a shorter text is no article: a notice, a teaser, a wall
FEWEST_WORDS = 30
#: what trafilatura finds beyond our own text counts from this part of it
_MUCH = 0.2
#: paragraphs shorter than this tell no place apart
_TELLING = 40
_BLOCK = re.compile(r"</?(?:p|figure|figcaption|h[1-6]|li|blockquote)\b[^>]*>|<br\b")
_LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.DOTALL)
#: dates are not asked for here
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def extract_text(
    body: bytes, url: str, headers: Mapping[str, str], selectors: Sequence[str] = ()
) -> PageText:
    """Return the text of the article at *url*.

    Args:
        selectors: where it stands, tried in order; (): it is found by itself.

    Raises:
        ParseKilled: reading it took more memory than there is.
        ParseError: no article stands out in the page, or no selector finds anything.
    """
    with named_errors("page"):
        page = page_text(body, headers)
        content = _selected(page, url, selectors) if selectors else _content(page, url)
    words = word_count(counted_text(content)[1])
    if selectors and not words:
        raise ParseError(f"Nothing in the page matches {' or '.join(selectors)}.")
    if not selectors and not _is_article(content, words):
        raise ParseError("No article text stands out in the page.")
    return PageText(content, words)


def _is_article(content: str, words: int) -> bool:
    is_list = _linked(content) * 2 > len(to_text(content))
    return words >= FEWEST_WORDS and not is_list and any(map(_is_prose, _paragraphs(content).values()))


def _selected(text: str, url: str, selectors: Sequence[str]) -> str:
    page = parse_page(text, url)
    return find_html(page, page.root, selectors, page.base)


def _content(text: str, url: str) -> str:
    page = parse_page(text, url)
    about, _ = find_opengraph(page, _NEVER)
    read = article_text(page, about, find_articles(page, _NEVER))
    own = sanitise(read.body, page.base)
    found = sanitise(_by_trafilatura(text, url, read.title), page.base)
    return _chosen(own, found, is_stated=read.is_stated)


def _by_trafilatura(text: str, url: str, title: str) -> str:
    """Return what trafilatura finds, without what our own rules say is no part of a text."""
    made = trafilatura.extract(
        text,
        url=url,
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
        include_tables=True,
    )
    return read_body(parse_page(made, url).root, title) if made else ""


def _chosen(own: str, found: str, *, is_stated: bool) -> str:
    if not own or not found:
        return own or found
    ours, theirs = _paragraphs(own), _paragraphs(found)
    if len(ours.keys() & theirs.keys()) * 2 < min(len(ours), len(theirs)):
        return own if is_stated else found
    surplus = sum(len(text) for key, text in theirs.items() if key not in ours and _is_prose(text))
    return found if surplus > len(to_text(own)) * _MUCH else own


def _paragraphs(content: str) -> dict[str, str]:
    """Return the paragraphs by their letters, by which two readings of one page are compared."""
    texts = map(to_text, _BLOCK.split(content))
    return {"".join(filter(str.isalnum, text)): text for text in texts if length_of(text) >= _TELLING}


def _linked(content: str) -> int:
    """Return the characters that stand in links: a list of links is no text."""
    return sum(len(to_text(inside)) for inside in _LINK.findall(content))


def _is_prose(text: str) -> bool:
    """Headlines of other articles are no text of this one: sentences are longer, and end."""
    return length_of(text) >= 2 * _TELLING and text.endswith((".", "!", "?", "…", '"', "”", "»", "。"))
