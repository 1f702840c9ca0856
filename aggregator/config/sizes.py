"""Sizes as people write them: ``10MB`` in, bytes out. MB counts in thousands, MiB in 1,024s."""

from __future__ import annotations

import re

#: unit, lower case -> bytes
UNITS = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}
#: what an editor may accept before we look closer
PATTERN = r"^[0-9]+(\.[0-9]+)? ?([kKmMgG][iI]?)?[bB]$"

_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?) ?((?:[kmg]i?)?b)", re.IGNORECASE | re.ASCII)


def parse_size(text: str) -> int:
    """Return the bytes that *text* names, such as ``500kB``, ``10MB`` or ``16MiB``.

    Raises:
        ValueError: it is no such size; the message says what to write.
    """
    if re.fullmatch(r"[0-9]{1,15}", text):
        raise ValueError(f"a size needs a unit: write {text}B, or a number of kB or MB")
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError("not a size: write a number and a unit, such as 500kB, 10MB or 16MiB")
    return int(float(match[1]) * UNITS[match[2].lower()])
