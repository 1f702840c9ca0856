"""The gate between arrival and output: the entries of one poll flow in, decisions flow out.

The rules, in the order they apply; a source's ``gate:`` switches those with a name:

 1. what its publisher deleted is withdrawn, unless it is there under another key (5), and comes back when
    it is there again (withdrawn.py);
 2. an entry whose key was expired or forgotten stays away;
 3. an entry stored with the same digest is only noted as seen, also when it was away for a while, unless
    its publisher corrects its date (edits.py);
 4. a changed entry is an update of its article (edits.py: ``edits``, ``drift``);
 5. a recent article under a new key, or a headline in other words, stays the article it was (rekey.py,
    reworded.py: ``rekey``);
 6. everything else is new: its sort date is fixed and its published id is chosen (sort_dates.py:
    ``drift``);
 7. of a first import only the newest ``initial_items`` go out, the rest is stored silently;
 8. of a sudden flood the newest go out, the rest over a day (burst.py: ``burst``);
 9. what has to wait for its date or for a person is held (held.py: ``future``, ``hold``);
10. what is unlike all before it waits for a person (takeover.py: ``takeover``).

No rule loses an entry: it ends as an admission, as seen, or under a tombstone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.curate.burst import spread_burst
from aggregator.curate.edits import correct_dates, judge_edits
from aggregator.curate.held import as_it_stands, hold
from aggregator.curate.published_id import published_id
from aggregator.curate.rekey import find_rekeyed, under_new_key
from aggregator.curate.reworded import find_reworded
from aggregator.curate.sort_dates import sort_dates
from aggregator.curate.takeover import hold_strangers
from aggregator.curate.unchanged import seen_unread
from aggregator.curate.withdrawn import bring_back, is_taken_back, withdraw
from aggregator.model import Admission, ArticleState, Entry, Known, KnownArticle, Source
from aggregator.model.reading import SPOKEN_DATES
from aggregator.query.wording import fingerprint


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the gate made of one poll."""

    #: new and changed entries, oldest sort date first, so that later ids are newer articles
    admissions: tuple[Admission, ...] = ()
    #: ids of stored articles that the document holds unchanged; none of a settled one
    seen_ids: tuple[int, ...] = ()


def admit(
    entries: Sequence[Entry], known: Known, source: Source, now: datetime, withdrawn: Sequence[str] = ()
) -> Admitted:
    """Decide about the entries that were read of one document, identified and in document order.

    Args:
        withdrawn: keys of entries that the document says were deleted.
    """
    if known.is_settled:
        return Admitted()
    seen = seen_unread(known)
    admissions: list[Admission] = []
    entries = _as_first_dated(entries, known, source)
    unknown = [one for one in entries if one.key not in known.articles and one.key not in known.tombstones]
    edited: list[tuple[Entry, KnownArticle]] = []
    for entry in entries:
        article = known.articles.get(entry.key)
        if article is None:
            continue
        if article.digest != entry.digest:
            edited.append((entry, article))
        elif is_taken_back(article):
            admissions.append(bring_back(as_it_stands(article, entry, known.source_id), article))
        elif corrected := correct_dates(entry, article, known.source_id, source.gate):
            admissions.append(corrected)
        else:
            seen.append(article.id)
    rekeyed, reworded = _continuing(unknown, known, source)
    continued = rekeyed | reworded
    moved = [(entry, rekeyed[entry.key]) for entry in unknown if entry.key in rekeyed]
    edited += [(entry, reworded[entry.key]) for entry in unknown if entry.key in reworded]
    decided = [under_new_key(entry, article, known.source_id) for entry, article in moved]
    decided += judge_edits(edited, known.source_id, source.gate, now, beside=len(seen))
    admissions += [_standing(one, of) for one, (_, of) in zip(decided, moved + edited, strict=True)]
    admissions += withdraw(withdrawn, known, continued.values())
    new = _new([entry for entry in unknown if entry.key not in continued], known, source, now)
    # document order is newest first, so that equal dates are turned round; the sort is stable
    admissions = (admissions + new)[::-1]
    return Admitted(tuple(sorted(admissions, key=lambda one: one.sort_date)), tuple(seen))


def _continuing(
    unknown: Sequence[Entry], known: Known, source: Source
) -> tuple[dict[str, KnownArticle], dict[str, KnownArticle]]:
    """Return by key the articles that unknown entries continue: under a new key, and in other words."""
    if not source.gate.rekey:
        return {}, {}
    rekeyed = find_rekeyed(unknown, known.recent)
    left = [entry for entry in unknown if entry.key not in rekeyed]
    taken = {article.id for article in rekeyed.values()}
    return rekeyed, find_reworded(left, [one for one in known.recent if one.id not in taken])


def _standing(decided: Admission, article: KnownArticle) -> Admission:
    """Return the decision about an article that stands in its document, under another key perhaps."""
    return bring_back(decided, article) if is_taken_back(article) else decided


def _as_first_dated(entries: Sequence[Entry], known: Known, source: Source) -> Sequence[Entry]:
    """Return the entries; where dates may be words ("3 hours ago"), with those first read of known ones."""
    if source.kind not in SPOKEN_DATES:
        return entries
    dates = {key: article.published for key, article in known.articles.items() if article.published}
    return [replace(one, published=dates[one.key]) if one.key in dates else one for one in entries]


def _new(entries: Sequence[Entry], known: Known, source: Source, now: datetime) -> list[Admission]:
    admissions = _first_import(_fresh(entries, known, source, now), known, source)
    if source.gate.burst and not known.is_first_import:
        admissions = spread_burst(admissions, known, now)
    admissions = [hold(admission, source.gate, now) for admission in admissions]
    return hold_strangers(admissions, known) if source.gate.takeover == "hold" else admissions


def _fresh(entries: Sequence[Entry], known: Known, source: Source, now: datetime) -> list[Admission]:
    """Unheld admissions with a date and an id, in document order."""
    taken = set(known.taken_ids)
    taken.update(article.published_id for article in (*known.articles.values(), *known.recent))
    dates = sort_dates(entries, now, is_first_import=known.is_first_import, drift=source.gate.drift)
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
                fingerprint=fingerprint(entry),
            )
        )
    return admissions


def _first_import(new: list[Admission], known: Known, source: Source) -> list[Admission]:
    """Only the newest go out when a source is read for the first time.

    What is dated after an earlier document, which was empty then, is news and goes out, too.
    """
    if not known.is_first_import or len(new) <= source.initial_items:
        return new
    # stable: of equal dates the first in the document is the newest
    newest = sorted(range(len(new)), key=lambda index: new[index].sort_date, reverse=True)
    going_out = set(newest[: source.initial_items])
    if since := known.document_at:
        going_out.update(index for index in newest if new[index].sort_date > since)
    reason = f"older than the newest {source.initial_items} entries of the first import"
    return [
        admission if index in going_out else replace(admission, state=ArticleState.SILENT, reason=reason)
        for index, admission in enumerate(new)
    ]
