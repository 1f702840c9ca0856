"""Entries known by their bytes stand for their articles, and never for more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from aggregator.curate.gate import Admitted, admit
from aggregator.curate.unchanged import is_all_known, next_trace
from aggregator.curate.withdrawn import REASON
from aggregator.model import (
    ArticleState,
    DocumentTrace,
    Entry,
    FeedInfo,
    Known,
    KnownArticle,
    ParsedFeed,
    TracedEntry,
    UnreadArticle,
)
from tests.curate.papers import PAPER

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def stored(key: str, digest: str) -> KnownArticle:
    return KnownArticle(
        id=1,
        key=key,
        digest=digest,
        published_id=key,
        first_seen=NOW,
        sort_date=NOW,
        state=ArticleState.OUT,
    )


def document(*unchanged: str, read: tuple[Entry, ...] = ()) -> ParsedFeed:
    rows = [TracedEntry(entry.key, entry.digest, "r" + entry.key) for entry in read]
    rows += [TracedEntry(key, "d" + key, "r" + key) for key in unchanged]
    trace = DocumentTrace("context", tuple(rows))
    return ParsedFeed(format="rss20", info=FeedInfo(), entries=read, unchanged=unchanged, trace=trace)


def known(*articles: KnownArticle, tombstones: frozenset[str] = frozenset()) -> Known:
    return Known(
        source_id=1,
        is_first_import=False,
        articles={article.key: article for article in articles},
        tombstones=tombstones,
    )


def test_an_unread_entry_is_its_article_unchanged() -> None:
    here = replace(known(), unread={"b": UnreadArticle(7, ArticleState.OUT)})
    assert is_all_known(document("b", read=(Entry(key="a", digest="da"),)), here)
    assert admit((), here, PAPER, NOW) == Admitted((), (7,))


def test_a_document_with_an_unread_entry_that_is_not_stored_is_not_all_known() -> None:
    assert not is_all_known(document("b"), known())


def test_an_unread_entry_that_was_taken_back_is_read_again() -> None:
    here = replace(known(), unread={"b": UnreadArticle(7, ArticleState.WITHDRAWN, REASON)})
    assert not is_all_known(document("b"), here)
    assert admit((), here, PAPER, NOW) == Admitted()


def test_an_unread_entry_that_expired_stays_away() -> None:
    assert is_all_known(document("b"), known(tombstones=frozenset({"b"})))


def test_an_edit_that_was_not_taken_over_is_read_again() -> None:
    parsed = document(read=(Entry(key="a", digest="new"),))
    trace = next_trace(parsed, known(stored("a", "old")), admissions=())
    assert trace is not None
    assert trace.entries == (TracedEntry("a", "new", ""),)
