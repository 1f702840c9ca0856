"""OPML (1.0, 1.1, 2.0) as readers export it: bytes in, subscriptions with their folders as tags out.

Nested outlines and OPML 2.0's ``category`` attribute become tags, what FreshRSS and Miniflux add
becomes settings. Entities are never expanded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from aggregator.config.imports.attributes import FRESHRSS, settings_of
from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import line_of, tags_of
from aggregator.errors import ConfigurationError, Problem

_XPATH = "pages read by XPath: write them as `page:` with CSS selectors"
_DISABLED = "feeds that are switched off: left out"
#: the last tag; in UTF-16 every other byte is a zero
_END = re.compile(rb"</(?:\w+:)?opml", re.IGNORECASE)


def read_opml(body: bytes, place: str = "the list") -> Imported:
    """Return what an OPML document lists; a URL that is listed twice keeps its first name and all tags.

    Raises:
        ConfigurationError: it is no OPML document, or one whose end is missing: half a list is none.
    """
    try:
        return _read(_parse(body, place))
    except UnicodeDecodeError:  # half letters that the forgiving parser let pass
        raise ConfigurationError([Problem(place, 0, 0, "", "this is no OPML document")]) from None


def _read(root: etree._Element) -> Imported:
    lost: Counter[str] = Counter()
    found: dict[str, Subscription] = {}
    for outline, folders in _outlines(root):
        made = _subscription(outline, folders, lost)
        if made is None:
            continue
        known = found.get(made.url)
        found[made.url] = made if known is None else _joined(known, made)
    title = line_of(root.findtext("head/title"))
    return Imported(
        format="OPML",
        subscriptions=tuple(found.values()),
        sections={"site": {"title": title}} if title else {},
        lost=tuple(f"{what} ({count} of the feeds)" for what, count in lost.items()),
    )


def _parse(body: bytes, place: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=True)
    try:
        root = etree.fromstring(body.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or not isinstance(root.tag, str) or root.tag.rpartition("}")[2].lower() != "opml":
        raise ConfigurationError([Problem(place, 0, 0, "", "this is no OPML document")])
    # what is written oddly is read as far as it goes, but what was cut off would lose its sources
    if parser.error_log and not _END.search(body.replace(b"\0", b"")):
        raise ConfigurationError([Problem(place, 0, 0, "", "this list was cut off: </opml> is missing")])
    return root


def _outlines(root: etree._Element) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Yield every outline with the titles of the outlines around it; no recursion, whatever the depth."""
    start: tuple[str, ...] = ()
    waiting = [(child, start) for child in reversed(root.findall("body/outline"))]
    while waiting:
        outline, folders = waiting.pop()
        yield outline, folders
        inside = folders if _url(outline) else (*folders, _label(outline))
        waiting += [(child, inside) for child in reversed(outline.findall("outline"))]


def _subscription(
    outline: etree._Element, folders: tuple[str, ...], lost: Counter[str]
) -> Subscription | None:
    url = _url(outline)
    if not url:
        return _list(outline, folders)
    if outline.get("disabled") == "true":
        lost[_DISABLED] += 1
        return None
    kind = (outline.get("type") or "rss").lower()
    if kind.startswith("html+"):
        lost[_XPATH] += 1
        return None
    categories = [part for path in (outline.get("category") or "").split(",") for part in path.split("/")]
    settings = settings_of({str(name): value for name, value in outline.attrib.items()}, lost)
    return Subscription(
        url=url,
        key="json" if kind.startswith("json+") and dict(settings).get("items") else "url",
        name=_label(outline),
        tags=tags_of([*folders, *categories]),
        language=line_of(outline.get("language")),
        settings=settings,
    )


def _list(outline: etree._Element, folders: tuple[str, ...]) -> Subscription | None:
    """Return the list elsewhere that FreshRSS fills a folder from; None for a folder of its own."""
    url = (outline.get(f"{FRESHRSS}opmlUrl") or "").strip()
    return Subscription(url=url, key="opml", tags=tags_of([*folders, _label(outline)])) if url else None


def _url(outline: etree._Element) -> str:
    return (outline.get("xmlUrl") or outline.get("xmlurl") or outline.get("xmlURL") or "").strip()


def _label(outline: etree._Element) -> str:
    return line_of(outline.get("title")) or line_of(outline.get("text"))


def _joined(first: Subscription, second: Subscription) -> Subscription:
    return Subscription(
        url=first.url,
        key=first.key,
        name=first.name,
        tags=tuple(dict.fromkeys((*first.tags, *second.tags))),
        language=first.language,
        settings=first.settings,
    )
