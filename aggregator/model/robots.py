"""What a site's robots.txt says (RFC 9309), before it is asked about a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RobotsDocument:
    """One robots.txt, or what stands for it."""

    #: "open": there is none, everything is allowed; "closed": the site cannot say, nothing is
    state: Literal["rules", "open", "closed"]
    #: the document, at most its first half megabyte; empty unless state is "rules"
    text: str = ""
