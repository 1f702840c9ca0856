"""The page of an article: one request out, its HTML or the reason why not back.

Nothing is stored here, and nothing is raised for what the web does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.fetch.outcome import failure_of, outcome_of
from aggregator.http.errors import HttpError
from aggregator.http.shape import RequestShape
from aggregator.model import Failed, FailureKind, Fetched, Validators

if TYPE_CHECKING:  # a command that asks nobody starts without an HTTP client
    from aggregator.http.client import Client

#: bytes of a page beyond which it is no article
MOST_BYTES = 8_000_000
ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
#: asked again they would answer the same
_LASTING = frozenset({401, 402, 403, 404, 405, 406, 451})
_LASTING_KINDS = frozenset({FailureKind.REFUSED, FailureKind.TOO_LARGE, FailureKind.REDIRECT})


async def fetch_page(client: Client, url: str, shape: RequestShape, now: datetime) -> Fetched | Failed:
    """Ask for one page."""
    try:
        answer = await client.request("GET", url, headers=(("Accept", ACCEPT),), shape=shape)
    except HttpError as error:
        return failure_of(error)
    outcome = outcome_of(answer, mark="", sent=Validators(), now=now)
    match outcome:
        case Fetched():
            judged: Fetched | Failed = _no_page(outcome) or outcome
        case Failed():
            judged = outcome
        case _:
            judged = Failed(kind=FailureKind.HTTP, reason="The page is gone for good (410).", status=410)
    return replace(judged, requests=answer.requests, wire_bytes=answer.wire_bytes)


def _no_page(page: Fetched) -> Failed | None:
    if len(page.body) > MOST_BYTES:
        return Failed(kind=FailureKind.TOO_LARGE, reason=f"The page has more than {MOST_BYTES} bytes.")
    kind = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind or "html" in kind or kind.startswith(("text/plain", "application/octet")):
        return None
    return Failed(kind=FailureKind.PARSE, reason=f"The link leads to {kind}, not to a page.", status=200)


def is_lasting(failure: Failed) -> bool:
    """Tell whether asking again would bring nothing else."""
    return failure.kind in _LASTING_KINDS or failure.status in _LASTING or failure.status in {200, 203, 410}
