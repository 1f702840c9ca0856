"""Entries known by their bytes stand for their articles, and never for more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.curate.gate import Admitted, admit
from aggregator.curate.unchanged import (
    asked_hash,
    content_hash,
    is_all_known,
    kept_keys,
    next_trace,
    settled_hash,
)
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
    kept = kept_keys(parsed, known(stored("a", "old")), admissions=())
    trace = next_trace(parsed, kept)
    assert trace is not None
    assert trace.entries == (TracedEntry("a", "new", ""),)
    assert settled_hash(parsed, kept) == ""


def test_what_a_document_holds_is_the_same_read_or_not_and_in_any_order() -> None:
    a, b = Entry(key="a", digest="da"), Entry(key="b", digest="db")
    hashes = {
        content_hash(one) for one in (document("a", "b"), document("a", read=(b,)), document(read=(b, a)))
    }
    assert len(hashes) == 1
    assert content_hash(document("a")) not in hashes


def test_a_document_that_is_read_every_time_holds_its_dates_too() -> None:
    def read(*entries: Entry) -> str:
        return content_hash(replace(document(read=entries), trace=None))

    a, b = Entry(key="a", digest="da", published=NOW), Entry(key="b", digest="db")
    assert read(a, b) == read(b, a)
    assert read(a, b) != read(replace(a, published=NOW - timedelta(days=1)), b)
    page = replace(document(read=(a,)), trace=None, format="page")  # there it may be "an hour ago"
    moved = replace(page, entries=(replace(a, published=NOW - timedelta(days=1)),))
    assert content_hash(page) == content_hash(moved)


def test_an_entry_that_was_read_again_asks_for_a_look() -> None:
    a = Entry(key="a", digest="da")
    assert asked_hash(document("a", "b")) == content_hash(document("a", "b")) != ""
    assert asked_hash(document("b", read=(a,))) == ""
    untraced = replace(document(read=(a,)), trace=None)
    assert asked_hash(untraced) == content_hash(untraced) != ""


def test_a_document_that_takes_articles_back_or_is_empty_never_settles() -> None:
    whole = replace(document("a"), info=FeedInfo(is_complete=True))
    for parsed in (whole, replace(document("a"), withdrawn=("c",)), document()):
        assert settled_hash(parsed, {"a"}) == ""


def test_of_a_settled_document_nothing_is_decided_and_all_stays_known() -> None:
    parsed, here = document("b", read=(Entry(key="a", digest="da"),)), replace(known(), is_settled=True)
    assert admit(parsed.entries, here, PAPER, NOW) == Admitted()
    assert is_all_known(parsed, here)
    assert next_trace(parsed, kept_keys(parsed, here, ())) == parsed.trace
