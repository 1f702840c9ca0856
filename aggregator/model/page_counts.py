"""How the full texts of one source stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageCounts:
    """Articles of one source whose own page is read, waited for, given up."""

    read: int = 0
    waiting: int = 0
    given_up: int = 0
    #: why the last one was given up; empty if none was
    reason: str = ""
