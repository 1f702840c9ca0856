"""Expected values that we do not follow, and why; docs/reading.md tells the same to people."""

from __future__ import annotations

import re

#: (origin, pattern of the file name, field or "*", reason)
DEVIATIONS: tuple[tuple[str, str, str, str], ...] = ()


def reason_for(origin: str, file: str, field: str) -> str | None:
    """Return why we differ from this origin in this file; None if we should not."""
    for where, pattern, which, reason in DEVIATIONS:
        if where == origin and which in {field, "*"} and re.search(pattern, file):
            return reason
    return None
