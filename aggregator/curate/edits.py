"""Edited entries: is the change worth telling, and what becomes of the dates.

An edit is significant when the title's words changed, when an enclosure came or went, or
when the text lost and gained more than a tenth of its words, or more than 20 (never fewer than 5:
spelling mistakes). Markup, links, dates and numbers in the text (view counts) do not count.
A date alone is no edit, as many servers stamp one at every fetch; but one that is given late or
moves earlier is a correction, and taken over quietly (not of a page, where "yesterday" moves by itself).
An edit that brings back an earlier state, and the eleventh edit of one article, are
never announced: some servers answer with two versions in turn. Nor are those of a poll that edits
most of a document at once: a site that puts a box below every text has no news.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.curate.held import as_it_stands, waits_until
from aggregator.model import Admission, ArticleState, Entry, Gate, KnownArticle
from aggregator.query.text import markup_tokens, tokens
from aggregator.query.wording import fingerprint

#: so many edits in one poll, and more than half of the document, are a change of the site
MASS = 5
#: announced edits of one article; later ones are stored silently
MAX_EDITS = 10
#: changed words that no edit of a short text needs to be significant
MIN_WORDS = 5
#: changed words that make any edit significant
MANY_WORDS = 20


def judge_edits(
    edited: Sequence[tuple[Entry, KnownArticle]], source_id: int, gate: Gate, now: datetime, *, beside: int
) -> list[Admission]:
    """Return what becomes of the stored articles whose entries one poll has changed.

    Args:
        beside: how many known entries of the document did not change.
    """
    judged = [judge_edit(entry, article, source_id, gate, now) for entry, article in edited]
    announced = sum(admission.is_announced for admission in judged)
    if announced < MASS or announced <= (len(edited) + beside) / 2:
        return judged
    quiet = replace(gate, edits="silent")
    return [
        replace(
            judge_edit(entry, article, source_id, quiet, now),
            change=f"changed as {announced} entries of its document did at once; kept quiet",
        )
        if one.is_announced
        else one
        for one, (entry, article) in zip(judged, edited, strict=True)
    ]


def judge_edit(entry: Entry, article: KnownArticle, source_id: int, gate: Gate, now: datetime) -> Admission:
    """Return what becomes of a stored article whose entry has changed.

    First seen, published id and state stay; the sort date too, but for ``edits: bump``.
    """
    before = article.entry
    is_significant = before is None or has_new_words(before, entry)
    comes_back = entry.digest in article.past_digests or len(article.past_digests) >= MAX_EDITS
    is_announced = is_significant and not comes_back and gate.edits != "silent"
    past = article.past_digests
    if is_significant and article.digest not in past:
        past = (article.digest, *past)[:MAX_EDITS]
    if before is not None and gate.drift:
        published, updated = _steady_dates(entry, article)
        entry = replace(entry, published=published, updated=entry.updated if is_significant else updated)
    bumps = is_announced and gate.edits == "bump" and article.state is ArticleState.OUT
    return replace(
        as_it_stands(article, entry, source_id),
        sort_date=now if bumps else article.sort_date,
        release_at=waits_until(article, entry, gate),
        is_announced=is_announced,
        fingerprint=fingerprint(entry),
        past_digests=past,
        change=_told(before, entry, is_announced=is_announced, comes_back=comes_back, bumps=bumps),
    )


def correct_dates(entry: Entry, article: KnownArticle, source_id: int, gate: Gate) -> Admission | None:
    """Return a stored article, whose text stands, with the dates of its entry; None if they correct nothing.

    Where it is sorted stays.
    """
    published, updated = _steady_dates(entry, article)
    if (published, updated) == (article.published, article.updated):
        return None
    entry = replace(entry, published=published, updated=updated)
    return replace(
        as_it_stands(article, entry, source_id),
        release_at=waits_until(article, entry, gate),
        change="date corrected; kept quiet",
    )


def _told(before: Entry | None, after: Entry, *, is_announced: bool, comes_back: bool, bumps: bool) -> str:
    """What the poll changed, in a few words."""
    parts = {
        "title": before is None or before.title != after.title,
        "text": before is None or (before.content, before.summary) != (after.content, after.summary),
        "link": before is None or before.link != after.link,
        "rights": before is None or before.rights != after.rights,
        "files": before is None or before.enclosures != after.enclosures,
        "dates": before is None or (before.published, before.updated) != (after.published, after.updated),
    }
    what = ", ".join(name for name, differs in parts.items() if differs) or "details"
    if bumps:
        return f"{what} changed; back on top"
    if is_announced:
        return f"{what} changed; told to readers"
    if comes_back:
        return f"{what} changed to and fro; kept quiet"
    return f"{what} changed; too little to tell, or kept quiet by edits: silent"


def has_new_words(before: Entry, after: Entry) -> bool:
    """Tell whether readers would want to hear of the change (see above)."""
    if tokens(before.title) != tokens(after.title):
        return True
    if _files(before) != _files(after):
        return True
    old, new = _text(before), _text(after)
    changed = (old - new).total() + (new - old).total()
    return changed >= max(MIN_WORDS, min(MANY_WORDS, max(old.total(), new.total()) // 10))


def _files(entry: Entry) -> set[str]:
    # many servers sign or count in the query of an enclosure's address
    return {enclosure.url.partition("?")[0] for enclosure in entry.enclosures}


def _text(entry: Entry) -> Counter[str]:
    return Counter(word for word in markup_tokens(entry.content or entry.summary) if not word.isdecimal())


def _steady_dates(entry: Entry, article: KnownArticle) -> tuple[datetime | None, datetime | None]:
    """Return published and updated of an entry that tells no news.

    What it claims as its date may be given late and move earlier, never later.
    """
    published = _earlier(entry.published, article.published)
    return published, article.updated if published else _earlier(entry.updated, article.updated)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other
