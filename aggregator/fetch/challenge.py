"""Bot walls: pages that ask for a browser instead of giving the document.

An answer in, the wall's name out. Headers are believed first; markup only counts in HTML, and
markers that ordinary pages behind the same provider carry too count only with a blocking status.
"""

from __future__ import annotations

from aggregator.http.answer import Answer

_LOOKED_AT = 64 * 1024
_BLOCKING = frozenset({401, 403, 405, 429, 503})

#: header field, what its value has in it, whose wall
_FIELDS = (
    ("cf-mitigated", "challenge", "Cloudflare"),
    ("x-amzn-waf-action", "", "AWS WAF"),
    ("x-vercel-mitigated", "", "Vercel"),
    ("sg-captcha", "", "SiteGround"),
)
#: only with a blocking status
_BLOCKING_FIELDS = (("x-datadome", "", "DataDome"), ("x-px-block", "", "HUMAN"))

#: lower-case markup that only walls have
_MARKUP = (
    (b"/.within.website/", "Anubis"),
    (b"_incapsula_resource", "Imperva"),
    (b"/.well-known/sgcaptcha/", "SiteGround"),
    (b"window._cf_chl_opt", "Cloudflare"),
    (b"<title>just a moment...</title>", "Cloudflare"),
    (b"go-away challenge", "go-away"),
)
#: markup that also stands in ordinary pages
_BLOCKING_MARKUP = (
    (b"/cdn-cgi/challenge-platform/", "Cloudflare"),
    (b"cf-browser-verification", "Cloudflare"),
    (b"attention required! | cloudflare", "Cloudflare"),
    (b"sucuri website firewall", "Sucuri"),
    (b"ddos-guard", "DDoS-Guard"),
    (b"captcha-delivery.com", "DataDome"),
    (b"px-captcha", "HUMAN"),
    (b"awswafcookiedomainlist", "AWS WAF"),
    (b"errors.edgesuite.net", "Akamai"),
)


def find_wall(answer: Answer) -> str | None:
    """Return whose bot wall answered, None if the answer is not one."""
    wall: str
    is_blocking = answer.status in _BLOCKING
    for name, part, wall in (*_FIELDS, *(_BLOCKING_FIELDS if is_blocking else ())):
        if part in answer.headers.get(name, "\0").lower() and name in answer.headers:
            return wall
    start = answer.body[:_LOOKED_AT].lower()
    if not looks_like_html(start):
        return None
    for mark, wall in (*_MARKUP, *(_BLOCKING_MARKUP if is_blocking else ())):
        if mark in start:
            return wall
    return None


def looks_like_html(start: bytes) -> bool:
    """Say whether a document begins as HTML does; feeds and JSON do not."""
    head = start[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"<?xml"):
        head = head.partition(b"?>")[2].lstrip()
    while head.startswith(b"<!--"):
        head = head.partition(b"-->")[2].lstrip()
    return head.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<meta", b"<title"))
