"""What a reader takes, best first: Accept-Encoding in, codings out; Accept in, the page or a feed of it out.

Where Accept names no feed type the page is the answer, and nobody gets a 406.
"""

from __future__ import annotations

from functools import lru_cache

from aggregator.publish.addresses import MEDIA_TYPES

#: what we prefer where the reader does not care; "identity" is the body as it is
PREFERENCE = ("br", "gzip", "identity")
#: coding -> the suffix that makes its entity tag its own
TAG_SUFFIX = {"br": "-br", "gzip": "-gz", "identity": ""}
_ALIASES = {"x-gzip": "gzip"}
#: the answer that is no feed
PAGE = "page"
_MEANING = {
    **{media_type: suffix for suffix, media_type in MEDIA_TYPES.items()},
    "application/json": "json",
    "text/html": PAGE,
    "application/xhtml+xml": PAGE,
}


@lru_cache(maxsize=512)
def accepted_codings(header: str | None) -> tuple[str, ...]:
    """Return the codings of ours that may be sent, the best first; () if none at all.

    Without the header any coding may be sent, but nobody asked for one: identity comes first.
    """
    if header is None:
        return ("identity", "br", "gzip")
    asked = _qualities(header[:1000])
    ranked = []
    for place, coding in enumerate(PREFERENCE):
        quality = _quality(coding, asked)
        if quality > 0:
            ranked.append((-quality, place, coding))
    return tuple(coding for _, _, coding in sorted(ranked))


def _quality(coding: str, asked: dict[str, float]) -> float:
    if coding in asked:
        return asked[coding]
    if "*" in asked:
        return asked["*"]
    # identity is acceptable unless forbidden, but anything that was asked for comes before it
    return 0.0001 if coding == "identity" else 0.0


def _qualities(header: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in header.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name:
            found[_ALIASES.get(name.lower(), name.lower())] = _quality_of(parameters)
    return found


@lru_cache(maxsize=512)
def choose(accept: str | None) -> str:
    """Return "page", or the suffix of the feed that *accept* (RFC 9110 §12.5.1) prefers to it.

    Only a type that is named counts: ``*/*`` asks for nothing in particular.
    """
    best, best_quality = PAGE, 0.0
    for part in (accept or "")[:1000].split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        meaning, quality = _MEANING.get(name.lower()), _quality_of(parameters)
        if meaning and (quality > best_quality or (quality == best_quality > 0 and meaning == PAGE)):
            best, best_quality = meaning, quality
    return best


def _quality_of(parameters: list[str]) -> float:
    """Return the weight among *parameters*, 0 to 1; 1 if there is none or it makes no sense."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0
