"""What kept things weigh in memory, and under which key a page is kept."""

from __future__ import annotations

import time

from aggregator.model import Rendered
from aggregator.web.answers import Terms

#: seconds a page is kept although nothing seems to have changed
PAGE_S = 60


def page_key(path: str, stamp: str) -> tuple[str, str, int]:
    """Return the key of the page at *path* while *stamp* holds; another one every minute."""
    return path, stamp, int(time.monotonic() // PAGE_S)


def page_weight(kept: tuple[Rendered, Terms]) -> int:
    """Return the bytes of a kept page; its compressed codings are made when somebody asks for them."""
    return 2 * len(kept[0].body) + 2000


def feed_weight(rendered: Rendered) -> int:
    """Return the bytes of a kept feed with its compressed codings."""
    return len(rendered.body) + sum(map(len, rendered.encoded.values())) + 2000
