"""What a source's settings mean for its requests.

A Claim in, a RequestShape out. A source that moved to another origin is asked there without the
credentials and header fields that were given for the configured one: they are nobody else's.
"""

from __future__ import annotations

from dataclasses import replace

from aggregator.http import ORDINARY, HttpError, RequestShape
from aggregator.http.target import parse_target
from aggregator.model import Claim, Source


def shape_of(claim: Claim) -> RequestShape:
    """Return the shape of the requests to claim.url that its source's settings ask for."""
    shape = _configured(claim.source)
    if shape == ORDINARY or claim.url == claim.source.url:
        return shape
    try:
        configured, asked = parse_target(claim.source.url), parse_target(claim.url)
    except HttpError:
        return replace(shape, headers=(), auth=None, insecure_tls=False)
    if configured.origin != asked.origin:
        shape = replace(shape, headers=(), auth=None)
    return shape if configured.host == asked.host else replace(shape, insecure_tls=False)


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
