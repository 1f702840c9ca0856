"""Durations in words: seconds flow in, "1 h 30 min" flows out, for the reasons that people read."""

from __future__ import annotations

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def in_words(seconds: float) -> str:
    """Return *seconds* in its one or two largest units: "2 h", "1 h 30 min", "45 s".

    >>> in_words(5400)
    '1 h 30 min'
    """
    rest = max(0, round(seconds))
    if rest >= 600:
        rest = round(rest / 60) * 60
    parts: list[str] = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"
