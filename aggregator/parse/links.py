"""Web addresses as feeds write them become absolute http or https URLs, or nothing.

Strings flow in, an absolute URL or None flows out. Nothing is looked up or contacted, and
no address of another scheme (mailto:, tag:, javascript:, data:) ever leaves this file.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from aggregator.parse.markup import is_tracking

_WEB = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
#: an address that is absolute as it stands: nothing to remove, to join or to doubt
_PLAIN = re.compile(r"https?://(?!https?:)[A-Za-z0-9-][A-Za-z0-9.-]*+(?:[/?#][!-~]*+)?\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
#: a scheme that was put before an address that has one
_TWO_SCHEMES = re.compile(r"\Ahttps?:/*(?=https?://)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
#: longer "addresses" are data that somebody put into the wrong field
MAX_LENGTH = 8192


def absolute(href: str | None, base: str = "") -> str | None:
    """Return the absolute http(s) URL that *href* means seen from *base* (RFC 3986 §5), else None.

    Args:
        base: absolute URL, or empty when none is known; then only absolute addresses pass.
    """
    if not href:
        return None
    if len(href) <= MAX_LENGTH and _PLAIN.match(href):
        return href
    url = _TWO_SCHEMES.sub("", _CONTROLS.sub("", href).strip())
    if not url or len(url) > MAX_LENGTH:
        return None
    if not _WEB.match(url):
        joined = _join(url, base)
        if joined is None:
            return None
        url = joined
    if " " in url:
        url = url.replace(" ", "%20")
    return url if _has_host(url) else None


def _join(url: str, base: str) -> str | None:
    if url.lower().startswith(("//", "\\\\", "www.")):
        scheme = "http" if base.startswith("http:") else "https"
        url = scheme + "://" + url.lstrip("/\\")
    elif url.lower().startswith(("feed:http", "feed://")):
        url = url[5:] if url[5:9].lower() == "http" else "http:" + url[5:]
    elif _SCHEME.match(url):
        url = re.sub(r"(?i)^(https?):/*(?=[^/])", r"\1://", url)
    elif base:
        try:
            url = urljoin(base, url)
        except ValueError:
            return None
    return url if _WEB.match(url) else None


def _has_host(url: str) -> bool:
    authority = re.split(r"[/?#]", url.split("://", 1)[1], maxsplit=1)[0]
    if "\\" in authority:  # a browser ends the host there, we at the "@" behind it
        return False
    host = authority.rsplit("@", 1)[-1]
    if not host.strip(".:") or any(c in host for c in "<>\"'`{}|\\^%"):
        return False
    return (host.isascii() and not any(c in host for c in "[]:")) or _can_be_split(url)


def _can_be_split(url: str) -> bool:
    """Say whether everybody after us can take the address apart: brackets, port, letters that fold to "/"."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def strip_tracking(url: str) -> str:
    """Return *url* without tracking parameters; every other parameter keeps its bytes and place."""
    if "?" not in url:
        return url
    head, _, rest = url.partition("?")
    query, hash_mark, fragment = rest.partition("#")
    parts = query.split("&")
    kept = [part for part in parts if not is_tracking(_name_of(part))]
    if len(kept) == len(parts):
        return url
    return head + ("?" + "&".join(kept) if kept else "") + hash_mark + fragment


def _name_of(parameter: str) -> str:
    return parameter.split("=", 1)[0].lower().removeprefix("amp;")


def upgrade(url: str, page: str) -> str:
    """Return a picture's address with https where the page that shows it has https (mixed content)."""
    if url.startswith("http://") and page.startswith("https://"):
        return "https://" + url[7:]
    return url
