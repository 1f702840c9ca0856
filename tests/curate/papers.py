"""Small documents for the gate's tests: entries as parse hands them over, and a store that remembers.

The memory is an honest double of what the database keeps between polls; it holds no rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.curate.gate import Admitted, admit
from aggregator.model import Admission, ArticleState, Entry, Known, KnownArticle, Source

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PAPER = Source(url="https://paper.example/feed", name="The Paper")


def entry(name: str, **fields: object) -> Entry:
    """Return an identified entry called *name*; any field can be said otherwise."""
    plain: dict[str, object] = {
        "id": f"https://paper.example/{name}",
        "title": f"About {name}",
        "link": f"https://paper.example/{name}.html",
        "content": f"<p>What there is to say about {name} today.</p>",
        "published": NOON,
    }
    made = Entry(**(plain | fields))  # type: ignore[arg-type]
    return identified(made)


def identified(made: Entry) -> Entry:
    """Return the entry with key and digest as parse sets them."""
    said = replace(made, key="", digest="", id="")
    digest = hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest()
    return replace(made, key=made.id or made.link or made.title, digest=digest)


class Memory:
    """What is stored of one source between polls."""

    def __init__(self, source: Source = PAPER) -> None:
        self.source = source
        self.articles: dict[int, Admission] = {}
        self.tombstones: set[str] = set()
        self.taken: set[str] = set()
        self.imported = False

    def poll(self, entries: Sequence[Entry], now: datetime) -> Admitted:
        """Take one document in and remember what was decided."""
        admitted = admit(entries, self.known(entries), self.source, now)
        self.imported = True
        for admission in admitted.admissions:
            number = admission.article_id or len(self.articles) + 1
            self.articles[number] = replace(admission, article_id=number)
        return admitted

    def known(self, entries: Sequence[Entry]) -> Known:
        """Return what the store would tell about these entries."""
        keys = {entry.key for entry in entries}
        return Known(
            source_id=1,
            is_first_import=not self.imported,
            articles={a.entry.key: self._known(n) for n, a in self.articles.items() if a.entry.key in keys},
            tombstones=frozenset(self.tombstones & keys),
            taken_ids=frozenset(self.taken),
            first_url=self.source.url,
        )

    def _known(self, number: int) -> KnownArticle:
        article = self.articles[number]
        return KnownArticle(
            id=number,
            key=article.entry.key,
            digest=article.entry.digest,
            published_id=article.published_id,
            first_seen=article.first_seen,
            sort_date=article.sort_date,
            state=article.state,
            reason=article.reason,
        )

    def out(self) -> list[str]:
        """Return the titles that are out, newest first."""
        found = [
            (a.sort_date, n, a.entry.title) for n, a in self.articles.items() if a.state is ArticleState.OUT
        ]
        return [title for _, _, title in sorted(found, reverse=True)]
