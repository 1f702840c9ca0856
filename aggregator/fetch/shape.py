"""What a source's settings mean for its requests.

A Claim or a Source in, a RequestShape out. Credentials and header fields are for the configured
origin, leniency about certificates is for its host: nobody else gets them, neither where a source
moved to nor the pages of its articles.
"""

from __future__ import annotations

from dataclasses import replace

from aggregator.http.errors import HttpError
from aggregator.http.shape import ORDINARY, RequestShape
from aggregator.http.target import parse_target
from aggregator.model import Claim, Source


def shape_of(claim: Claim) -> RequestShape:
    """Return the shape of the requests to claim.url that its source's settings ask for."""
    shape = _configured(claim.source)
    if shape == ORDINARY or claim.url == claim.source.url:
        return shape
    is_origin, is_host = _compared(claim.source.url, claim.url)
    return shape if is_origin else _for_others(shape, is_host=is_host)


def page_shape(source: Source, url: str) -> RequestShape:
    """Return how a page of a source's articles is asked for."""
    return _for_others(_configured(source), is_host=_compared(source.url, url)[1])


def _for_others(shape: RequestShape, *, is_host: bool) -> RequestShape:
    return replace(shape, headers=(), auth=None, insecure_tls=shape.insecure_tls and is_host)


def _compared(one: str, other: str) -> tuple[bool, bool]:
    """Tell whether two URLs have one origin, and whether they have one host."""
    try:
        first, second = parse_target(one), parse_target(other)
    except HttpError:
        return False, False
    return first.origin == second.origin, first.host == second.host


def _configured(source: Source) -> RequestShape:
    return RequestShape(
        headers=source.headers,
        auth=source.auth,
        user_agent=source.user_agent,
        proxy=source.proxy,
        timeout_s=source.timeout_s,
        insecure_tls=source.insecure_tls,
        ca_file=source.ca_file,
        conditional=source.conditional,
    )
