"""The gate between arrival and output: the entries of one poll flow in, decisions flow out.

The rules, in the order they apply:

1. an entry whose key was expired or forgotten stays away;
2. an entry stored with the same digest is only noted as seen;
3. a changed entry is an update of its article: first seen, sort date, published id and state stay;
4. everything else is new: its sort date is fixed and its published id is chosen;
5. of a first import only the newest ``initial_items`` go out, the rest is stored silently.

No rule loses an entry: it ends as an admission, as seen, or under a tombstone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.curate.published_id import published_id
from aggregator.curate.sort_dates import sort_dates
from aggregator.model import Admission, ArticleState, Entry, Known, KnownArticle, Source


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the gate made of one poll."""

    #: new and changed entries, oldest sort date first, so that later ids are newer articles
    admissions: tuple[Admission, ...] = ()
    #: ids of stored articles that the document holds unchanged
    seen_ids: tuple[int, ...] = ()


def admit(entries: Sequence[Entry], known: Known, source: Source, now: datetime) -> Admitted:
    """Decide about the identified entries of one document, in document order."""
    seen: list[int] = []
    changed: list[Admission] = []
    new: list[Entry] = []
    for entry in entries:
        article = known.articles.get(entry.key)
        if article is None:
            if entry.key not in known.tombstones:
                new.append(entry)
        elif article.digest == entry.digest:
            seen.append(article.id)
        else:
            changed.append(_changed(entry, article, known.source_id))
    admissions = changed + _first_import(_new(new, known, now), known, source)
    # the sort is stable; document order is newest first, so equal dates are turned round
    admissions.reverse()
    admissions.sort(key=lambda admission: admission.sort_date)
    return Admitted(tuple(admissions), tuple(seen))


def _changed(entry: Entry, article: KnownArticle, source_id: int) -> Admission:
    return Admission(
        source_id=source_id,
        entry=entry,
        article_id=article.id,
        published_id=article.published_id,
        first_seen=article.first_seen,
        sort_date=article.sort_date,
        state=article.state,
        reason=article.reason,
    )


def _new(entries: Sequence[Entry], known: Known, now: datetime) -> list[Admission]:
    taken = set(known.taken_ids) | {article.published_id for article in known.articles.values()}
    dates = sort_dates(entries, now, is_first_import=known.is_first_import)
    admissions = []
    for entry, date in zip(entries, dates, strict=True):
        chosen = published_id(entry, known.first_url, taken)
        taken.add(chosen)
        admissions.append(
            Admission(
                source_id=known.source_id,
                entry=entry,
                article_id=None,
                published_id=chosen,
                first_seen=now,
                sort_date=date,
            )
        )
    return admissions


def _first_import(new: list[Admission], known: Known, source: Source) -> list[Admission]:
    """Only the newest go out when a source is read for the first time."""
    if not known.is_first_import or len(new) <= source.initial_items:
        return new
    # stable: of equal dates the first in the document is the newest
    newest = sorted(range(len(new)), key=lambda index: new[index].sort_date, reverse=True)
    going_out = set(newest[: source.initial_items])
    reason = f"older than the newest {source.initial_items} entries of the first import"
    return [
        admission if index in going_out else replace(admission, state=ArticleState.SILENT, reason=reason)
        for index, admission in enumerate(new)
    ]
