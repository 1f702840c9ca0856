"""Durations as people write them: ``30m`` in, seconds out. Knows no calendar: a year is 365 days."""

from __future__ import annotations

import re

#: unit -> seconds
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
#: what an editor may accept before we look closer
PATTERN = r"^([0-9]{1,9}[smhdwy]\s*)+$"

_PART = re.compile(r"([0-9]{1,9})([smhdwy])\s*")
#: the longest duration that means anything here: a hundred years
_LONGEST_S = 100 * UNITS["y"]


def parse_duration(text: str, lowest_s: int = 0, highest_s: int = _LONGEST_S) -> int:
    """Return the seconds that *text* names, such as ``90s``, ``2h``, ``1h 30m`` or ``7d``.

    Raises:
        ValueError: it is no such duration, or not between the two; the message says what to write.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(f"a duration needs a unit: write {text}s, {text}m, {text}h or {text}d")
    if clock := re.fullmatch(r"([0-9]{1,4}):([0-9]{1,2})(:[0-9]{1,2})?", text):
        raise ValueError(f"a duration is not a clock time: write {clock[1]}h or {clock[1]}m, for example")
    if not text or not re.fullmatch(PATTERN, text, re.ASCII):
        raise ValueError("not a duration: write a number and a unit, such as 30s, 15m, 2h, 7d, 4w or 1y")
    seconds = sum(int(number) * UNITS[unit] for number, unit in _PART.findall(text))
    if seconds < lowest_s:
        raise ValueError(f"shorter than {render_duration(lowest_s)}")
    if seconds > highest_s:
        raise ValueError(f"longer than {render_duration(highest_s)}")
    return seconds


def render_duration(seconds: int) -> str:
    """Return the shortest way to write *seconds* with one unit: ``3600`` is ``1h``."""
    for unit, size in reversed(UNITS.items()):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
