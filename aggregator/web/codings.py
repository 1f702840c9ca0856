"""Accept-Encoding in, the codings a reader can take out, best first (RFC 9110 §12.5.3)."""

from __future__ import annotations

from functools import lru_cache

#: what we prefer where the reader does not care; "identity" is the body as it is
PREFERENCE = ("br", "gzip", "identity")
#: coding -> the suffix that makes its entity tag its own
TAG_SUFFIX = {"br": "-br", "gzip": "-gz", "identity": ""}
_ALIASES = {"x-gzip": "gzip"}


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
            found[_ALIASES.get(name.lower(), name.lower())] = quality_of(parameters)
    return found


def quality_of(parameters: list[str]) -> float:
    """Return the weight among *parameters*, 0 to 1; 1 if there is none or it makes no sense."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0
