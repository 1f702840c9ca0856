"""Small documents for the gate's tests: entries as parse hands them over, and a store that remembers.

The memory is an honest double of what the database keeps between polls; it holds no rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.curate.gate import Admitted, admit
from aggregator.http.groups import group_of
from aggregator.model import Admission, Arrived, ArticleState, Entry, Known, KnownArticle, Source
from aggregator.parse.identity import digest_of

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
    return replace(made, key=made.id or made.link or made.title, digest=digest_of(made))


class Memory:
    """What is stored of one source between polls."""

    def __init__(self, source: Source = PAPER) -> None:
        self.source = source
        self.articles: dict[int, Admission] = {}
        self.tombstones: set[str] = set()
        self.taken: set[str] = set()
        self.document_at: datetime | None = None
        self.is_imported = False
        #: when each key was last in a document
        self.seen_at: dict[str, datetime] = {}
        self.arrivals: list[tuple[datetime, int]] = []
        #: when readers were last told of each article
        self.changed_at: dict[int, datetime] = {}

    def poll(self, entries: Sequence[Entry], now: datetime) -> Admitted:
        """Take one document in and remember what was decided."""
        admitted = admit(entries, self.known(entries), self.source, now)
        for admission in admitted.admissions:
            number = admission.article_id or len(self.articles) + 1
            if admission.past_digests is None:
                before = self.articles[number].past_digests if number in self.articles else ()
                admission = replace(admission, past_digests=before)
            if admission.is_announced:
                self.changed_at[number] = now
            self.articles[number] = replace(admission, article_id=number)
        new = sum(admission.article_id is None for admission in admitted.admissions)
        if new and self.is_imported:
            self.arrivals.insert(0, (now, new))
        self.document_at = now
        self.is_imported |= bool(entries)
        self.seen_at |= dict.fromkeys((entry.key for entry in entries), now)
        return admitted

    def known(self, entries: Sequence[Entry]) -> Known:
        """Return what the store would tell about these entries."""
        polled = {entry.key: entry for entry in entries}
        stored = {number: self._known(number, polled) for number in self.articles}
        return Known(
            source_id=1,
            is_first_import=not self.is_imported,
            articles={article.key: article for article in stored.values() if article.key in polled},
            tombstones=frozenset(self.tombstones & polled.keys()),
            taken_ids=frozenset(self.taken),
            first_url=self.source.url,
            recent=tuple(
                replace(article, entry=self._bare(number))
                for number, article in stored.items()
                if article.key not in polled
            )[-300:],
            arrivals=tuple(self.arrivals[:20]),
            habit=self._habit(),
            sites={entry.key: group_of(entry.link) for entry in entries if entry.link},
            document_at=self.document_at,
        )

    def _habit(self) -> tuple[Arrived, ...]:
        """What nobody kept back; the real store reads it only where the gate asks."""
        return tuple(
            Arrived(a.first_seen, a.sort_date, group_of(a.entry.link or ""), a.entry.language)
            for a in self.articles.values()
            if a.state in (ArticleState.OUT, ArticleState.SILENT)
        )

    def _known(self, number: int, polled: Mapping[str, Entry]) -> KnownArticle:
        article = self.articles[number]
        now_says = polled.get(article.entry.key)
        return KnownArticle(
            id=number,
            key=article.entry.key,
            digest=article.entry.digest,
            published_id=article.published_id,
            first_seen=article.first_seen,
            sort_date=article.sort_date,
            state=article.state,
            reason=article.reason,
            release_at=article.release_at,
            entry=article.entry if now_says and now_says.digest != article.entry.digest else None,
            fingerprint=article.fingerprint,
            past_digests=article.past_digests or (),
            published=article.entry.published,
            updated=article.entry.updated,
            link=article.entry.link,
        )

    def _bare(self, number: int) -> Entry | None:
        stored = self.articles[number].entry
        is_bare = not stored.id and stored.key != stored.link
        has_just_left = self.document_at and self.document_at - self.seen_at[stored.key] <= timedelta(days=1)
        return stored if is_bare and has_just_left else None

    def expire(self, number: int) -> None:
        """Let an article leave the store as retention does."""
        self.tombstones.add(self.articles.pop(number).entry.key)

    def out(self) -> list[str]:
        """Return the titles that are out, newest first."""
        found = [
            (a.sort_date, n, a.entry.title) for n, a in self.articles.items() if a.state is ArticleState.OUT
        ]
        return [title for _, _, title in sorted(found, reverse=True)]
