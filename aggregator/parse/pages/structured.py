"""What a page says of its articles in data: JSON-LD, microdata, OpenGraph.

A tree flows in, Found values flow out in document order. A page's data may speak of the page,
its publisher and its pictures too; only articles and lists of articles are taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aggregator.parse.clean import clean, one_line
from aggregator.parse.html import to_text
from aggregator.parse.links import absolute, strip_tracking
from aggregator.parse.pages.tree import Element, Page, elements, text_of
from aggregator.parse.when import parse_when

_ARTICLE = re.compile(
    r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|Recipe|VideoObject|PodcastEpisode)$"
)
_MOST_NODES = 20_000
_MOST_DEPTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One article as data says it; None or empty where it is silent."""

    title: str = ""
    link: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    summary: str = ""
    #: plain text, paragraphs separated by line breaks
    text: str = ""
    authors: tuple[str, ...] = ()
    image: str | None = None
    section: str = ""
    #: False for a mere entry of a list
    is_article: bool = True


def find_articles(page: Page, now: datetime) -> list[Found]:
    """Return the articles that the page's JSON-LD and microdata speak of, no two with one link."""
    found: dict[str, Found] = {}
    for each in (*_from_json(page, now), *_from_microdata(page, now)):
        if each.title or each.link:
            key = each.link or each.title
            found[key] = joined(found[key], each) if key in found else each
    return list(found.values())


def find_opengraph(page: Page, now: datetime) -> tuple[Found, bool]:
    """Return what OpenGraph and its kin say of the page, and whether they call it an article."""
    said: dict[str, str] = {}
    for meta in elements(page.root, "meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name and (content := one_line(meta.get("content") or "")):
            said.setdefault(name, content)
    canonical = page.root.xpath("//link[contains(concat(' ', @rel, ' '), ' canonical ')]/@href")
    link = absolute(str(canonical[0]), page.base) if canonical else absolute(said.get("og:url"), page.base)
    author = said.get("author") or said.get("article:author", "")
    found = Found(
        title=said.get("og:title") or said.get("twitter:title", ""),
        link=strip_tracking(link) if link else None,
        published=parse_when(said.get("article:published_time") or said.get("date"), now),
        updated=parse_when(said.get("article:modified_time"), now),
        summary=said.get("og:description") or said.get("description", ""),
        authors=() if not author or author.startswith("http") else (author,),
        image=absolute(said.get("og:image") or said.get("twitter:image"), page.base),
        section=said.get("article:section", ""),
    )
    return found, said.get("og:type", "").lower() in {"article", "news", "blog"}


def joined(first: Found, second: Found) -> Found:
    """Fill what *first* leaves open with what *second* says."""
    empty = {name: getattr(second, name) for name in Found.__dataclass_fields__ if not getattr(first, name)}
    return replace(first, **empty)


def _from_json(page: Page, now: datetime) -> Iterator[Found]:
    for script in elements(page.root, "script"):
        if (script.get("type") or "").lower().partition(";")[0].strip() == "application/ld+json":
            for node in _nodes(_load(script.text or "")):
                kinds = _kinds(node)
                if any(_ARTICLE.search(kind) for kind in kinds):
                    yield _article(node, page, now)
                elif "ListItem" in kinds and not isinstance(node.get("item"), dict):
                    yield _list_item(node, page)


def _load(text: str) -> Any:
    text = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$", "", text).strip()
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(document: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects that may be articles, outer before inner, in document order, within bounds."""
    waiting, seen = [(document, 0)], 0
    while waiting and seen < _MOST_NODES:
        value, depth = waiting.pop()
        seen += 1
        if isinstance(value, list):
            waiting += [(each, depth + 1) for each in reversed(value)] if depth < _MOST_DEPTH else []
        elif isinstance(value, dict):
            yield value
            inner = [
                value.get(key)
                for key in ("@graph", "mainEntity", "itemListElement", "item", "hasPart", "blogPost")
            ]
            waiting += [(each, depth + 1) for each in reversed(inner) if each] if depth < _MOST_DEPTH else []


def _kinds(node: Mapping[str, Any]) -> list[str]:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1] for kind in listed if isinstance(kind, str)]


def _article(node: Mapping[str, Any], page: Page, now: datetime) -> Found:
    link = _address(node.get("url"), page) or _address(node.get("mainEntityOfPage"), page)
    section = node.get("articleSection")
    return Found(
        title=_line(node.get("headline")) or _line(node.get("name")),
        link=link,
        published=parse_when(_line(node.get("datePublished")) or _line(node.get("uploadDate")), now),
        updated=parse_when(_line(node.get("dateModified")), now),
        summary=_line(node.get("description")),
        text=_text(node.get("articleBody")),
        authors=tuple(dict.fromkeys(_names(node.get("author")))),
        image=_address(node.get("image"), page) or _address(node.get("thumbnailUrl"), page),
        section=_line(section[0] if isinstance(section, list) and section else section),
    )


def _list_item(node: Mapping[str, Any], page: Page) -> Found:
    return Found(
        title=_line(node.get("name")),
        link=_address(node.get("url") or node.get("item"), page),
        image=_address(node.get("image"), page),
        is_article=False,
    )


def _address(value: Any, page: Page) -> str | None:
    """Return an address that may be text, an object with url or @id, or a list of these."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            each = each.get("url") or each.get("@id") or each.get("contentUrl")
        if isinstance(each, str) and (url := absolute(each, page.base)):
            return strip_tracking(url)
    return None


def _names(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        name = _line(each.get("name")) if isinstance(each, dict) else _line(each)
        if name and not name.startswith("http"):
            yield name


def _line(value: Any) -> str:
    return one_line(to_text(value)) if isinstance(value, str) else ""


def _text(value: Any) -> str:
    return clean(value).strip() if isinstance(value, str) else ""


def _from_microdata(page: Page, now: datetime) -> Iterator[Found]:
    for scope in page.root.iterfind(".//*[@itemtype]"):
        kind = (scope.get("itemtype") or "").split()
        if any(_ARTICLE.search(each) for each in kind):
            yield _scoped(scope, page, now)


def _scoped(scope: Element, page: Page, now: datetime) -> Found:
    said: dict[str, Element] = {}
    authors = []
    for element in scope.iterfind(".//*[@itemprop]"):
        if not _belongs(element, scope):
            continue
        for name in (element.get("itemprop") or "").split():
            said.setdefault(name, element)
            if name == "author":
                named = element.find(".//*[@itemprop='name']")
                authors.append(_value(named if named is not None else element))
    link = said.get("url", said.get("mainEntityOfPage"))
    image = said.get("image")
    return Found(
        title=_value(said.get("headline", said.get("name"))),
        link=_target(link, page),
        published=parse_when(_value(said.get("datePublished")), now),
        updated=parse_when(_value(said.get("dateModified")), now),
        summary=_value(said.get("description")),
        authors=tuple(dict.fromkeys(name for name in authors if name)),
        image=_target(image, page),
    )


def _belongs(element: Element, scope: Element) -> bool:
    """An element belongs to the nearest scope above it."""
    return next((a for a in element.iterancestors() if a.get("itemscope") is not None), None) is scope


def _value(element: Element | None) -> str:
    if element is None:
        return ""
    stated = element.get("content") or (element.get("datetime") if element.tag == "time" else None)
    return one_line(stated) if stated else text_of(element)


def _target(element: Element | None, page: Page) -> str | None:
    if element is None:
        return None
    inside = element if element.get("href") or element.get("src") else element.find(".//*[@href]")
    holder = inside if inside is not None else element
    stated = holder.get("href") or holder.get("src") or holder.get("content") or holder.get("itemid")
    url = absolute(stated, page.base)
    return strip_tracking(url) if url else None
