"""Names of authors in, what their pages and feeds are found under out. One rule for store and pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

MAX_CHARS = 60
#: names under one article that get pages of their own
MAX_NAMES = 20


@lru_cache(maxsize=2048)  # the same people sign again and again
def author_slug(name: str) -> str:
    """Return the slug of an author: letters and digits of the name, without case and accents.

    A name in a script that has no such letters gets a short hash; a blank one an empty slug.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    slug = "-".join(words)[:MAX_CHARS].strip("-")
    letters = sum(char.isalnum() for char in plain)
    if letters and sum(map(len, words)) * 2 < letters:
        return "author-" + blake2b(plain.encode("utf-8", "replace"), digest_size=6).hexdigest()
    return slug


def byline_slugs(names: Iterable[str]) -> dict[str, str]:
    """Return slug -> name for the names under one article, in their order, at most twenty."""
    found: dict[str, str] = {}
    for name in names:
        slug = author_slug(name)
        if slug and len(found) < MAX_NAMES:
            found.setdefault(slug, " ".join(name.split())[:200])
    return found
