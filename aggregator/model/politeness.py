"""What we cost the sites we ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLine:
    """One group of URLs that shares a budget, and what we asked of it in some days."""

    #: registrable domain, or ``host:port`` of what stands for itself
    name: str
    #: sources in force that are asked there
    sources: int = 0
    #: polls that reached it or tried to
    polls: int = 0
    #: with redirects and second tries
    requests: int = 0
    #: polls answered 304 Not Modified
    not_modified: int = 0
    #: bodies as transferred
    bytes: int = 0
    #: answers that told us to wait
    waits: int = 0
    #: answers that refused us (401, 403, 429, 451, 503, bot walls)
    refusals: int = 0
    failures: int = 0
    #: it asked us to wait until then; None if it does not
    not_before: datetime | None = None
    why: str | None = None

    @property
    def not_modified_share(self) -> float | None:
        """Share of the polls that got an answer and were 304; None without any."""
        answered = self.polls - self.failures
        return self.not_modified / answered if answered > 0 else None
