"""Articles that their publisher takes back: what a document says of its past flows in, decisions flow out.

A tombstone (RFC 6721) names one entry; a document that calls itself complete (RFC 5005 §2) takes
back what it no longer holds. Only a source's own articles are meant, and what a person decided
about an article stays. An entry that is there again comes back quietly, to its old place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aggregator.curate.held import as_it_stands
from aggregator.model import Admission, ArticleState, Known, KnownArticle, UnreadArticle

#: the reason of such an article; by it one that comes back is known
REASON = "withdrawn by its publisher"
#: the same of one that had not gone out: it does not when it comes back
REASON_UNTOLD = f"{REASON}; it was stored silently"
#: the same of one that was held, before the reason of that: it waits on when it comes back
REASON_HELD = f"{REASON}; it was held: "
_STANDING = frozenset({ArticleState.OUT, ArticleState.HELD, ArticleState.SILENT})


def withdraw(keys: Iterable[str], known: Known, continued: Iterable[KnownArticle]) -> list[Admission]:
    """Return the decisions about entries that were deleted, or that a complete document lacks.

    Args:
        continued: articles that are there all the same, under another key.
    """
    there = {article.id for article in continued}
    named = (known.articles[key] for key in keys if key in known.articles)
    gone = {article.id: article for article in (*named, *known.absent)}
    # when it was to be released is kept, for one that is held
    return [
        replace(
            as_it_stands(article, article.entry, known.source_id),
            state=ArticleState.WITHDRAWN,
            reason=_reason(article),
            change=REASON,
        )
        for article in gone.values()
        if article.entry is not None and article.state in _STANDING and article.id not in there
    ]


def _reason(article: KnownArticle) -> str:
    match article.state:
        case ArticleState.SILENT:
            return REASON_UNTOLD
        case ArticleState.HELD:
            return REASON_HELD + article.reason
    return REASON


def is_taken_back(article: KnownArticle | UnreadArticle) -> bool:
    """Tell whether the publisher withdrew this article, so that it may come back."""
    return article.state is ArticleState.WITHDRAWN and (
        article.reason in (REASON, REASON_UNTOLD) or article.reason.startswith(REASON_HELD)
    )


def bring_back(decided: Admission, article: KnownArticle) -> Admission:
    """Return the decision about a withdrawn article that stands in its document again: as it was before."""
    decided = replace(decided, is_announced=False, change="there again")
    if article.reason == REASON_UNTOLD:
        reason = "older than what went out of the first import"
        return replace(decided, state=ArticleState.SILENT, reason=reason)
    if article.reason.startswith(REASON_HELD):
        reason = article.reason.removeprefix(REASON_HELD)
        return replace(decided, state=ArticleState.HELD, reason=reason)
    return replace(decided, state=ArticleState.OUT, reason="", change="published again")
