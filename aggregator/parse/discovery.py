"""Finding the feed of a page: HTML, address and headers flow in, candidates flow out, best first.

What the site's kind promises by its address (YouTube, Mastodon, GitHub, ...) comes first, then
the Link header (RFC 8288), then ``<link rel="alternate">``, then links that look like feeds.
Nothing is asked here; usual_places() names paths that somebody else may try.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from aggregator.errors import ParseError
from aggregator.parse.clean import one_line
from aggregator.parse.links import absolute
from aggregator.parse.pages.tree import elements, parse_page, text_of

_TYPES = ("application/atom+xml", "application/rss+xml", "application/feed+json", "application/rdf+xml")
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*]+\s*=\s*(?:\"[^\"]*\"|[^\",;]*))*)")
_PARAMETER = re.compile(r";\s*([\w*]+)\s*=\s*(?:\"([^\"]*)\"|([^\",;]*))")
_LOOKS = re.compile(
    r"(?:/|\b)(?:rss|atom|feed|feeds|index\.xml|feed\.json|rss\.xml|atom\.xml)(?:[/?.]|$)", re.IGNORECASE
)
_SIDE = re.compile(r"\bcomments?\b|/comments/|\bkommentare\b|\bcommentaires\b|\breplies\b", re.IGNORECASE)
_PATHS = ("/feed", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/rss", "/feed.json")
_MOST = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feed that a page may lead to."""

    url: str
    #: as the page calls it; may be empty
    title: str
    #: higher is better
    score: int


def find_feeds(text: str, url: str, headers: Mapping[str, str]) -> tuple[Candidate, ...]:
    """Return the feeds of a page, best first, no two with one URL."""
    promised = known_site(url)
    found = [Candidate(promised, "", 100)] if promised else []
    found += _from_header(headers.get("link", ""), url)
    with contextlib.suppress(ParseError):  # an empty page leads nowhere
        found += _from_page(text, url)
    best: dict[str, Candidate] = {}
    for each in found:
        if each.url != url and (each.url not in best or each.score > best[each.url].score):
            best[each.url] = each
    return tuple(sorted(best.values(), key=lambda each: -each.score)[:_MOST])


def best_of(candidates: tuple[Candidate, ...]) -> str | None:
    """Return the one candidate that is better than all others; None if none stands out."""
    if not candidates or (len(candidates) > 1 and candidates[0].score == candidates[1].score):
        return None
    return candidates[0].url if candidates[0].score >= 60 else None


def usual_places(url: str) -> tuple[str, ...]:
    """Return where sites like to keep their feed; whether one is there is not known."""
    return tuple(urljoin(url, path) for path in _PATHS)


def known_site(url: str) -> str | None:
    """Return the feed that a page of a well-known kind has by its address; None if it is of no such kind."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("old.")
    steps = [step for step in parts.path.split("/") if step]
    return (
        _youtube(host, steps, parts.query)
        or _forge(host, steps)
        or _social(host, steps)
        or _blog(host, steps)
    )


def _youtube(host: str, steps: list[str], query: str) -> str | None:
    if host != "youtube.com" or not steps:
        return None
    base = "https://www.youtube.com/feeds/videos.xml"
    playlist = parse_qs(query).get("list", [""])[0]
    if steps[0] == "channel" and len(steps) > 1:
        return f"{base}?channel_id={quote(steps[1])}"
    if steps[0] == "user" and len(steps) > 1:
        return f"{base}?user={quote(steps[1])}"
    return f"{base}?playlist_id={quote(playlist)}" if steps[0] == "playlist" and playlist else None


def _forge(host: str, steps: list[str]) -> str | None:
    if host != "github.com" or len(steps) < 2:
        return None
    base = f"https://github.com/{steps[0]}/{steps[1]}"
    if len(steps) > 2 and steps[2] in {"commits", "tags"}:
        branch = f"/{'/'.join(steps[3:])}" if len(steps) > 3 else ""
        return f"{base}/{steps[2]}{branch}.atom"
    return f"{base}/releases.atom" if len(steps) == 2 or steps[2] == "releases" else None


def _social(host: str, steps: list[str]) -> str | None:
    if host == "bsky.app" and len(steps) == 2 and steps[0] == "profile":
        return f"https://bsky.app/profile/{steps[1]}/rss"
    if host == "reddit.com" and len(steps) >= 2 and steps[0] in {"r", "user", "u"}:
        return f"https://www.reddit.com/{'/'.join(steps)}/.rss"
    return None


def _blog(host: str, steps: list[str]) -> str | None:
    if host == "medium.com" and steps and (steps[0].startswith("@") or len(steps) == 1):
        return f"https://medium.com/feed/{steps[0]}"
    if host.endswith((".medium.com", ".substack.com")):
        return f"https://{host}/feed"
    # Mastodon and its kin: a person's page is https://host/@name
    if (
        len(steps) == 1
        and re.fullmatch(r"@\w[\w.-]*", steps[0])
        and host not in {"youtube.com", "tiktok.com", "threads.net"}
    ):
        return f"https://{host}/{steps[0]}.rss"
    return None


def _from_header(header: str, url: str) -> Iterator[Candidate]:
    for target, parameters in _LINK.findall(header):
        said = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(parameters)}
        is_feed = "alternate" in said.get("rel", "").lower().split() and _is_feed_type(said.get("type", ""))
        if is_feed and (address := absolute(target, url)):
            title = one_line(said.get("title", ""))
            yield Candidate(address, title, _score(address, title, 90))


def _from_page(text: str, url: str) -> Iterator[Candidate]:
    page = parse_page(text, url)
    place = 0
    for link in elements(page.root, "link"):
        relation = (link.get("rel") or "").lower().split()
        address = absolute(link.get("href"), page.base)
        if (
            address
            and _is_feed_type(link.get("type") or "")
            and {"alternate", "feed", "home"} & set(relation)
        ):
            title = one_line(link.get("title") or "")
            # the first is the site's own; feeds of sections and formats follow it
            yield Candidate(address, title, _score(address, title, 80 if place == 0 else 70))
            place += 1
    for anchor in elements(page.root, "a"):
        address = absolute(anchor.get("href"), page.base)
        if address and _LOOKS.search(urlsplit(address).path + "?" + urlsplit(address).query):
            yield Candidate(address, text_of(anchor), _score(address, text_of(anchor), 40))


def _is_feed_type(kind: str) -> bool:
    return kind.partition(";")[0].strip().lower() in _TYPES


def _score(address: str, title: str, score: int) -> int:
    return score - 30 if _SIDE.search(f"{title} {urlsplit(address).path}") else score
