"""Accept in, what an address without a suffix answers with out: the page, or one of its feeds.

The page is the default: whoever does not name a feed type gets it, and nobody gets a 406.
"""

from __future__ import annotations

from functools import lru_cache

from aggregator.publish.addresses import MEDIA_TYPES
from aggregator.web.codings import quality_of

PAGE = "page"
_MEANING = {
    **{media_type: suffix for suffix, media_type in MEDIA_TYPES.items()},
    "application/json": "json",
    "text/html": PAGE,
    "application/xhtml+xml": PAGE,
}


@lru_cache(maxsize=512)
def choose(accept: str | None) -> str:
    """Return "page", or the suffix of the feed that *accept* (RFC 9110 §12.5.1) prefers to it.

    Only a type that is named counts: ``*/*`` asks for nothing in particular.
    """
    best, best_quality = PAGE, 0.0
    for part in (accept or "")[:1000].split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        meaning, quality = _MEANING.get(name.lower()), quality_of(parameters)
        if meaning and (quality > best_quality or (quality == best_quality > 0 and meaning == PAGE)):
            best, best_quality = meaning, quality
    return best
