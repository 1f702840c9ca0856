"""The words of an entry as a short hash: to know an article again when its id and link changed.

Markup, links, case, punctuation and dates do not count; they change when a site moves, the
words do not.
"""

from __future__ import annotations

import hashlib

from aggregator.model import Entry
from aggregator.query.text import plain_text, words_of_text


def words_of(entry: Entry) -> list[str]:
    """Return the folded words of title and text, in order."""
    return [*words_of_text(entry.title), *words_of_text(plain_text(entry.content or entry.summary))]


def fingerprint(entry: Entry) -> str:
    """Return 16 hexadecimal digits for the words of *entry*; "" when it has none."""
    words = words_of(entry)
    if not words:
        return ""
    return hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).hexdigest()
