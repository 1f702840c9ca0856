"""OPML (1.0, 1.1, 2.0) as readers export it: bytes in, subscriptions with their folders as tags out.

Nested outlines and OPML 2.0's ``category`` attribute become tags; what programs add is handed on
as attributes. Entities of HTML are read as letters, others as they stand; none is expanded.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from html.entities import html5
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from lxml import etree

from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import line_of, tag_of, tags_of, text_of
from aggregator.errors import ConfigurationError, Problem

FRESHRSS = "{https://freshrss.org/opml}"
_THUNDERBIRD = "{urn:forumzilla:}options"
#: types of FreshRSS -> the key of ours; those it has besides are not read here
_KEYS = {"html+xpath": "page", "json+dotnotation": "json"}
_MIXED = "pages that FreshRSS reads by XML or by JSON inside HTML: left out"
_DISABLED = "feeds that are switched off: left out"
_NO_FEED = "feeds without an address of their own: the page they belong to is asked for one"
_NOWHERE = "outlines that name no feed: left out"
_RULES = "filters and labels of Tiny Tiny RSS: write them as `topics:` and the `query:` of a feed"
#: the last tag
_END = re.compile(r"</(?:\w+:)?opml", re.IGNORECASE)
#: an ampersand that means none of the characters of XML, and the name or number behind it
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(#?\w+;)?")

#: what means something else in an attribute as it stands
_QUOTED = {char: f"&#{ord(char)};" for char in "\"'\t\n\r"}


def read_opml(body: bytes, place: str = "the list") -> Imported:
    """Return what an OPML document lists.

    Raises:
        ConfigurationError: it is no OPML document, or one whose end is missing: half a list is none.
    """
    root = _parse(text_of(body), place)
    lost: Counter[str] = Counter()
    found: list[Subscription] = []
    folders: dict[str, str] = {}
    for outline, around in _outlines(root):
        made = _subscription(outline, around, lost)
        if made is not None:
            found.append(made)
            if around and around[0] and tag_of(around[0]) in made.tags:
                folders.setdefault(tag_of(around[0]), around[0])
    title = next((line_of(each.text) for each in root.iter("{*}title")), "")
    return Imported(
        format="OPML",
        subscriptions=tuple(found),
        sections={"site": {"title": title}} if title else {},
        folders=folders,
        lost=tuple(f"{what} ({count})" for what, count in lost.items()),
    )


def _parse(text: str, place: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=True)
    # what it was written in is known by now
    written = _AMPERSAND.sub(_character, re.sub(r"\A\s*(?:<\?xml[^>]*>\s*)?", "", text))
    try:
        root = etree.fromstring(written.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or not isinstance(root.tag, str) or _name(root) != "opml":
        raise ConfigurationError([Problem(place, 0, 0, "", "this is no OPML document")])
    # what is written oddly is read as far as it goes, but what was cut off would lose its sources
    if parser.error_log and not _END.search(text):
        raise ConfigurationError([Problem(place, 0, 0, "", "this list was cut off: </opml> is missing")])
    return root


def _character(ampersand: re.Match[str]) -> str:
    """Return what stands for an ampersand: the letter that it names in HTML, else the ampersand itself.

    A number may be half a letter, which our parser lets pass; in HTML it never is.
    """
    name = ampersand[1] or ""
    letter = html.unescape(f"&{name}") if name.startswith("#") else html5.get(name)
    return escape(f"&{name}" if letter is None else letter, _QUOTED)


def _outlines(root: etree._Element) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Yield every outline with the titles of the outlines around it; no recursion, whatever the depth."""
    start: tuple[str, ...] = ()
    bodies = [each for each in root if isinstance(each.tag, str) and _name(each) == "body"]
    waiting = [(child, start) for body in bodies or [root] for child in reversed(_below(body))]
    while waiting:
        outline, folders = waiting.pop()
        if outline.get("isComment") == "true":
            continue
        yield outline, folders
        inside = folders if _url(outline) else (*folders, _label(outline))
        waiting += [(child, inside) for child in reversed(_below(outline))]


def _below(element: etree._Element) -> list[etree._Element]:
    return [each for each in element if isinstance(each.tag, str) and _name(each) == "outline"]


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _subscription(
    outline: etree._Element, folders: tuple[str, ...], lost: Counter[str]
) -> Subscription | None:
    url, kind = _url(outline), (_get(outline, "type") or "rss").lower()
    if not url:
        return _other(outline, folders, lost)
    attributes = {str(name): str(value) for name, value in outline.attrib.items()}
    if _is_muted(attributes):
        lost[_DISABLED] += 1
        return None
    if "+" in kind and kind not in _KEYS:
        lost[_MIXED] += 1
        return None
    name = _label(outline)
    categories = [part for path in _get(outline, "category").split(",") for part in path.split("/")]
    return Subscription(
        url=url,
        key=_KEYS.get(kind, "url"),
        name=name,
        # Thunderbird keeps each feed in a folder of its own name
        tags=tags_of([each for each in (*folders, *categories) if each != name]),
        language=line_of(_get(outline, "language")),
        attributes=attributes,
    )


def _is_muted(attributes: dict[str, str]) -> bool:
    """Tell whether a feed is switched off: by Miniflux, FreshRSS (times below zero) or Thunderbird."""
    ttl = attributes.get(f"{FRESHRSS}ttl", "")
    options = attributes.get(_THUNDERBIRD, "")
    return (
        attributes.get("disabled") == "true"
        or re.fullmatch(r"-\d+", ttl) is not None
        or re.search(r'"enabled"\s*:\s*false', options) is not None
    )


def _other(outline: etree._Element, folders: tuple[str, ...], lost: Counter[str]) -> Subscription | None:
    """Return a list elsewhere, or the page of a feed whose address is missing; None for a folder."""
    name, kind = _label(outline), _get(outline, "type").lower()
    link = _get(outline, "url").strip()
    is_list = kind == "include" or (kind == "link" and urlsplit(link).path.lower().endswith(".opml"))
    place = (outline.get(f"{FRESHRSS}opmlUrl") or "").strip() or (link if is_list else "")
    if place:
        return Subscription(url=place, key="opml", tags=tags_of([*folders, name]))
    if _below(outline):
        return None
    page = _get(outline, "htmlUrl").strip()
    if page and kind in {"", "rss", "atom"}:
        lost[_NO_FEED] += 1
        return Subscription(url=page, name=name, tags=tags_of(folders))
    if outline.get("filter-type") or outline.get("label-name"):
        lost[_RULES] += 1
    elif kind or link or page:
        lost[_NOWHERE] += 1
    return None


def _url(outline: etree._Element) -> str:
    # escaped twice
    return _get(outline, "xmlUrl").strip().replace("&amp;", "&")


def _get(outline: etree._Element, name: str) -> str:
    """Return an attribute, also one in other capitals; empty if there is none."""
    written = outline.get(name) or next(
        (value for key, value in outline.attrib.items() if value and str(key).lower() == name.lower()), ""
    )
    return str(written)


def _label(outline: etree._Element) -> str:
    written = line_of(_get(outline, "title")) or line_of(_get(outline, "text"))
    return line_of(html.unescape(written)) if re.search(r"&#?\w+;", written) else written
