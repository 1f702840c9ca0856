"""robots.txt (RFC 9309): a site's document in, "may this be read?" out.

The longest rule that matches decides, allow before disallow where two are equally long; our own
group is obeyed, else that of everybody. Patterns are matched piece by piece, so that no document
can make that slow. A site without robots.txt allows everything; one that cannot say forbids
everything until it can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from aggregator.http.answer import Answer
from aggregator.http.errors import HttpError
from aggregator.http.freshness import header_hints
from aggregator.http.shape import RequestShape
from aggregator.http.target import parse_target
from aggregator.model.pages import RobotsDocument

if TYPE_CHECKING:  # a command that asks nobody starts without an HTTP client
    from aggregator.http.client import Client

#: how long a document is relied on: as the site says, within these (RFC 9309 §2.4)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(hours=24)
#: bytes that are read of it (RFC 9309 §2.5)
MOST_BYTES = 512 * 1024
ACCEPT = (("Accept", "text/plain, */*;q=0.1"),)
_TOKEN = re.compile(r"[A-Za-z_-]+")
_UNRESERVED = re.compile(rb"[A-Za-z0-9._~-]")
_OPEN, _CLOSED = RobotsDocument("open"), RobotsDocument("closed")


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """A site's robots.txt as it was asked for."""

    document: RobotsDocument
    until: datetime
    requests: int
    wire_bytes: int


def origin_of(url: str) -> str:
    """Return scheme, host and port of *url*, as robots.txt holds for them. Raises: HttpError."""
    target = parse_target(url)
    return target.url[: len(target.url) - len(target.path)]


async def fetch_robots(client: Client, origin: str, shape: RequestShape, now: datetime) -> RobotsAnswer:
    """Ask a site for its robots.txt; whatever happens is an answer."""
    try:
        answer = await client.request(
            "GET", f"{origin}/robots.txt", headers=ACCEPT, enough_bytes=MOST_BYTES, shape=shape
        )
    except HttpError as error:
        return RobotsAnswer(_CLOSED, now + SHORTEST, error.requests, 0)
    fresh_s = header_hints(answer.headers, now).fresh_s
    kept = LONGEST if fresh_s is None else timedelta(seconds=min(max(fresh_s, 0.0), LONGEST.total_seconds()))
    document = _document(answer)
    until = now + (SHORTEST if document is _CLOSED else max(SHORTEST, kept))
    return RobotsAnswer(document, until, answer.requests, answer.wire_bytes)


def _document(answer: Answer) -> RobotsDocument:
    """RFC 9309 §2.3.1: 2xx speaks, 4xx is silence, anything else is no answer; 429 is none either."""
    if 200 <= answer.status < 300:
        body = answer.body
        if len(body) >= MOST_BYTES:  # of a rule that is cut nobody knows the end
            body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
        text = body.decode("utf-8", "replace")
        return RobotsDocument("rules", text) if ":" in text else _OPEN
    return _OPEN if 400 <= answer.status < 500 and answer.status != 429 else _CLOSED


def product_token(user_agent: str) -> str:
    """Return the name by which a robots.txt may address us: ``aggregator`` of ``aggregator/1.0 (…)``."""
    found = _TOKEN.match(user_agent)
    return found[0].lower() if found else ""


def may_read(document: RobotsDocument, url: str, agent: str) -> bool:
    """Tell whether the page at *url* may be read; a second for a document made to take long.

    Args:
        agent: our product token, in lower case.
    """
    if document.state != "rules":
        return document.state == "open"
    path = _normal(parse_target(url).path)
    rules = _rules(document.text, agent)
    return next((is_allowed for is_allowed, pattern in rules if _matches(pattern, path)), True)


@lru_cache(maxsize=16)
def _rules(text: str, agent: str) -> tuple[tuple[bool, str], ...]:
    """Return (is allowed, pattern) of our group, else of everybody's, the strongest first.

    Several groups of one name count together.
    """
    groups: dict[str, dict[tuple[bool, str], None]] = {}
    names: set[str] = set()
    is_naming = False
    for line in text.lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            names = names if is_naming else set()
            name = value if value == "*" else product_token(value)
            # a list may name thousands of others, whose rules are nothing to us
            if name in (agent, "*"):
                names.add(name)
                groups.setdefault(name, {})
            is_naming = True
        elif key in {"allow", "disallow"}:
            is_naming = False
            if value:
                rule = key == "allow", _normal(value)
                for name in names:
                    groups[name][rule] = None
    ours = groups.get(agent, groups.get("*", {}))
    return tuple(sorted(ours, key=lambda rule: (-len(rule[1]), not rule[0])))


def _matches(pattern: str, path: str) -> bool:
    """Tell whether *path* begins as *pattern* says; ``*`` is anything, ``$`` at the end is the end."""
    is_whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not rest:
        return not is_whole or at == len(path)
    for piece in rest[:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    last = rest[-1]
    if is_whole:
        return len(path) - len(last) >= at and path.endswith(last)
    return path.find(last, at) >= 0


def _normal(path: str) -> str:
    """Spell a path or pattern one way: what needs no percent sign has none (RFC 9309 §2.2.2)."""
    if "%" not in path and path.isascii():
        return path
    parts = re.split(r"(%[0-9A-Fa-f]{2})", path)
    return "".join(_spelt(part) for part in parts)


def _spelt(part: str) -> str:
    if len(part) == 3 and part[0] == "%":
        octet = unquote_to_bytes(part)
        return octet.decode() if _UNRESERVED.fullmatch(octet) else part.upper()
    return part if part.isascii() else quote(part, safe="%/*$?&=:@!'()+,;#[]~")
