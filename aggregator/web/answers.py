"""A request's headers and something rendered in, a complete HTTP answer out.

The one place where answers for feeds are made: Flask's routes, the thin layer in front of it and
the pages all come here. It knows no framework, no store and no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from aggregator.model import FeedHead, Rendered
from aggregator.publish.addresses import content_type
from aggregator.publish.dates import http_date
from aggregator.publish.rss import REFRESH_S
from aggregator.web.conditional import is_unchanged_since, parse_tags
from aggregator.web.negotiation import TAG_SUFFIX, accepted_codings

#: how long a cache may go on with what it has while asking again, and while we are down
STALE_S, STALE_IF_ERROR_S = 60, 86_400
#: how long a cache may send on by itself who asks for an old address
MOVED_S = 86_400
#: feeds and errors load nothing; the pages' own policy is web.pages.POLICY
FEED_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
#: readers that run in a browser may read it
CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Link, Last-Modified, Retry-After"),
)
#: and may ask conditionally, which browsers ask leave for first (fetch.spec.whatwg.org, CORS-preflight)
PREFLIGHT = (
    *CORS,
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "*, If-None-Match, If-Modified-Since, Cache-Control"),
    ("Access-Control-Max-Age", "86400"),
)


class Headers(Protocol):
    """Request headers by name, whatever holds them."""

    def get(self, name: str, /) -> str | None:
        """Return the header's value, None if it was not sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; a HEAD has the headers of its GET and no body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Terms:
    """What an answer says beside the rendered bytes."""

    max_age_s: int = REFRESH_S
    #: request headers that decided between representations, beside Accept-Encoding
    vary: tuple[str, ...] = ()
    #: the address of what was chosen; None if it is the one that was asked
    content_location: str | None = None
    policy: str = FEED_POLICY
    #: other sites' scripts may read it
    is_shared: bool = True
    #: it was answered to somebody who showed a token: no shared cache may keep it
    is_private: bool = False


FEED_TERMS = Terms()
#: what a page tells, as JSON for programs
JSON_TERMS = Terms(max_age_s=60)


def terms_for(head: FeedHead, terms: Terms) -> Terms:
    """Return *terms* as they are for a public feed, closed to everybody else for a private one."""
    if head.access == "public":
        return terms
    vary = (*terms.vary, "Authorization")
    return replace(terms, is_shared=False, is_private=True, vary=vary)


def answer(method: str, headers: Headers, rendered: Rendered, terms: Terms = FEED_TERMS) -> Answer:
    """Return the answer to a GET or HEAD for *rendered*: 200, 304, or 406 where no coding fits.

    Each coding is a representation with a strong entity tag of its own (RFC 9110 §8.8.3). A reader
    that comes with the tag of a coding it still accepts is answered for that one.
    """
    codings = accepted_codings(headers.get("Accept-Encoding"))
    codings = tuple(coding for coding in codings if coding == "identity" or coding in rendered.encoded)
    if not codings:
        return _not_acceptable(method, terms)
    known = _known_coding(headers, rendered, codings)
    coding = known or codings[0]
    common = _common_headers(rendered, coding, terms)
    if known is not None:
        return Answer(304, common, b"")
    if rendered.last_modified is not None:
        common = (("Last-Modified", http_date(rendered.last_modified)), *common)
    body = rendered.body if coding == "identity" else rendered.encoded[coding]
    about = [("Content-Type", content_type(rendered.media_type)), ("Content-Length", str(len(body)))]
    if coding != "identity":
        about.append(("Content-Encoding", coding))
    return Answer(200, (*about, *common), b"" if method == "HEAD" else body)


def _known_coding(headers: Headers, rendered: Rendered, codings: tuple[str, ...]) -> str | None:
    """Return the coding the reader has already; If-None-Match beats If-Modified-Since (§13.2.2)."""
    asked = headers.get("If-None-Match")
    if asked is None:
        is_known = is_unchanged_since(headers.get("If-Modified-Since"), rendered.last_modified)
        return codings[0] if is_known else None
    tags = parse_tags(asked)
    if tags is None:
        return codings[0]
    return next((coding for coding in codings if rendered.etag + TAG_SUFFIX[coding] in tags), None)


def _common_headers(rendered: Rendered, coding: str, terms: Terms) -> tuple[tuple[str, str], ...]:
    """Return what a 200 and its 304 both carry (RFC 9110 §15.4.5: with an ETag, not the date)."""
    headers = [
        ("ETag", f'"{rendered.etag}{TAG_SUFFIX[coding]}"'),
        ("Cache-Control", _cache_control(rendered, terms)),
        ("Vary", ", ".join(("Accept-Encoding", *terms.vary))),
    ]
    if rendered.links:
        headers.append(("Link", ", ".join(rendered.links)))
    if rendered.noindex or terms.is_private:
        headers.append(("X-Robots-Tag", "noindex"))
    if terms.content_location:
        headers.append(("Content-Location", terms.content_location))
    return (
        *headers,
        *(CORS if terms.is_shared else ()),
        ("Content-Security-Policy", terms.policy),
        *SECURITY,
    )


def moved(target: str, *, is_private: bool = False) -> Answer:
    """Return a 301 to *target*, an absolute URL made of the configuration, never of the request."""
    kept = f"private, max-age={MOVED_S}" if is_private else cache_control(MOVED_S)
    headers = (("Location", target), ("Cache-Control", kept), *(() if is_private else CORS))
    return _said("GET", 301, f"This has moved for good to {target}", *headers)


def refused(method: str, realm: str) -> Answer:
    """Return a 401 that tells readers how to show a token (RFC 7617): as password of any user name."""
    return _said(
        method,
        401,
        "This feed is private: it takes a token, as ?token= or as the password of any user name.",
        ("WWW-Authenticate", f'Basic realm="{realm}", charset="UTF-8"'),
        ("Cache-Control", "no-store"),
        ("X-Robots-Tag", "noindex"),
    )


def _cache_control(rendered: Rendered, terms: Terms) -> str:
    seconds = terms.max_age_s if rendered.max_age_s is None else rendered.max_age_s
    return f"private, max-age={seconds}" if terms.is_private else cache_control(seconds)


def cache_control(max_age_s: int) -> str:
    """Return the Cache-Control of something public that may be reused for *max_age_s* seconds."""
    stale = f"stale-while-revalidate={STALE_S}, stale-if-error={STALE_IF_ERROR_S}"
    return f"public, max-age={max_age_s}, {stale}"


def _not_acceptable(method: str, terms: Terms) -> Answer:
    sentence = (
        "This address can be had as it is, or compressed with gzip or br; the request forbids all three."
    )
    return _said(method, 406, sentence, ("Vary", ", ".join(("Accept-Encoding", *terms.vary))))


def _said(method: str, status: int, sentence: str, *headers: tuple[str, str]) -> Answer:
    """Return an answer of one sentence, for who reads what a program was told."""
    body = f"{sentence}\n".encode()
    about = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", FEED_POLICY),
    )
    return Answer(status, (*headers, *about, *SECURITY), b"" if method == "HEAD" else body)
