"""Waiting at the gate: who waits until when, and how the waiting ends.

Admissions or stored articles flow in, admissions with another state flow out. Whoever
takes an article out of the gate places it afterwards, like any new one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.curate.sort_dates import claimed_date
from aggregator.model import Admission, Article, ArticleState, Entry, Gate, KnownArticle
from aggregator.query.wording import fingerprint


def hold(admission: Admission, gate: Gate, now: datetime) -> Admission:
    """Return the new article, held for its future date or for the source's ``hold:`` window.

    Of several waits the longest counts.
    """
    if admission.state not in (ArticleState.OUT, ArticleState.HELD):
        return admission
    claim = claimed_date(admission.entry)
    if gate.future == "hold" and claim is not None and claim > now:
        admission = _until(admission, claim, "its date is in the future")
    if gate.hold_s > 0:
        admission = _until(
            admission,
            now + timedelta(seconds=gate.hold_s),
            "every new article of its source waits for a while",
        )
    return admission


def waits_until(article: KnownArticle, entry: Entry, gate: Gate) -> datetime | None:
    """Return when a stored article goes out by itself, now that its publisher sends *entry*; None: not so.

    One that waits for its date waits for the new one.
    """
    claim = claimed_date(entry)
    if (
        article.release_at is None
        or claim is None
        or article.release_at != (article.published or article.updated)
    ):
        return article.release_at
    return max(claim, article.first_seen + timedelta(seconds=gate.hold_s))


def released(admission: Admission) -> Admission:
    """Return the held, silent or rejected article let out; sort date and ids stay as they are."""
    return replace(admission, state=ArticleState.OUT, reason="", release_at=None)


def admission_of(article: Article) -> Admission:
    """Return a stored article as a decision that changes nothing."""
    return _as_decided(article, article.entry, article.source_id, fingerprint(article.entry), None)


def as_it_stands(article: KnownArticle, entry: Entry, source_id: int) -> Admission:
    """Return a stored article as a quiet decision that changes nothing but what it holds."""
    return _as_decided(article, entry, source_id, article.fingerprint, article.past_digests)


def _as_decided(
    article: Article | KnownArticle, entry: Entry, source_id: int, words: str, past: tuple[str, ...] | None
) -> Admission:
    return Admission(
        source_id=source_id,
        entry=entry,
        article_id=article.id,
        published_id=article.published_id,
        first_seen=article.first_seen,
        sort_date=article.sort_date,
        state=article.state,
        reason=article.reason,
        release_at=article.release_at,
        is_announced=False,
        fingerprint=words,
        past_digests=past,
        is_picked=article.is_picked,
    )


def _until(admission: Admission, until: datetime, reason: str) -> Admission:
    if admission.release_at is not None and admission.release_at >= until:
        return admission
    return replace(admission, state=ArticleState.HELD, reason=reason, release_at=until)
