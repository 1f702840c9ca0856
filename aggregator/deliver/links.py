"""Discovery of hubs (WebSub §4): header fields and what a document says in, a PushOffer or None out.

Link headers come before the document. Relative targets count from the address that answered.
Nothing is fetched here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from aggregator.model import FeedInfo, PushOffer

#: hubs tried at most, and characters of a Link header that are read
MOST_HUBS = 4
_MOST_CHARS = 16_000
_TARGET = re.compile(r"\s*<([^>]*)>")
_PARAMETER = re.compile(r'\s*;\s*([^\s=;,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?')


def find_offer(headers: Mapping[str, str], info: FeedInfo, url: str) -> PushOffer | None:
    """Return what the publisher offers; None where no hub is named.

    Args:
        headers: of the answer, names in lower case.
        info: what the document says of itself.
        url: where the answer came from, after redirects; the topic where no ``self`` is given.
    """
    links = parse_links(headers.get("link", ""))
    hubs = _absolute([target for target, rels in links if "hub" in rels], url)
    selves = _absolute([target for target, rels in links if "self" in rels], url)
    if not hubs:
        hubs, selves = _absolute(info.hubs, url), ([info.self_link] if info.self_link else selves)
    topics = [*selves, *([info.self_link] if info.self_link else []), url]
    return PushOffer(topics[0], tuple(hubs[:MOST_HUBS])) if hubs else None


def parse_links(value: str) -> list[tuple[str, frozenset[str]]]:
    """Return (target, relations) of each link in a Link header (RFC 8288 §3), in order."""
    found: list[tuple[str, frozenset[str]]] = []
    text, at = value[:_MOST_CHARS], 0
    while match := _TARGET.match(text, at):
        target, at = match[1].strip(), match.end()
        parameters: dict[str, str] = {}
        while more := _PARAMETER.match(text, at):
            # the first rel counts (RFC 8288 §3.3)
            parameters.setdefault(more[1].lower(), _unquoted(more[2] or ""))
            at = more.end()
        if "anchor" not in parameters:
            found.append((target, frozenset(parameters.get("rel", "").lower().split())))
        comma = text.find(",", at)
        if comma < 0:
            break
        at = comma + 1
    return found


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _absolute(targets: Sequence[str], base: str) -> list[str]:
    found = []
    for target in targets:
        try:
            url = urljoin(base, target)
            parts = urlsplit(url)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname and len(url) <= 2000:
            found.append(url)
    return list(dict.fromkeys(found))
