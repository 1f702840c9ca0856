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
#: what follows in the reason of an article that was not out, before the reason of that
_WAS = {ArticleState.HELD: "; it was held: ", ArticleState.SILENT: "; it was not out: "}
_STANDING = frozenset({ArticleState.OUT, ArticleState.HELD, ArticleState.SILENT})
#: how the reason of one begins that opt_out.py withdrew: when it may be out again, it may be deleted
OPTED_OUT = "its publisher opted out: "


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
            reason=reason_of(REASON, *_standing(article)),
            change=REASON,
        )
        for article in gone.values()
        if article.entry is not None and _standing(article)[0] in _STANDING and article.id not in there
    ]


def _standing(article: KnownArticle) -> tuple[ArticleState, str]:
    """Return what an article is, or was before its publisher opted out, and why."""
    if article.state is ArticleState.WITHDRAWN and article.reason.startswith(OPTED_OUT):
        return state_before(article.reason)
    return article.state, article.reason


def reason_of(why: str, state: ArticleState, reason: str) -> str:
    """Return the reason of an article that is withdrawn, from which state_before() reads what it was."""
    return why + (_WAS[state] + reason if state in _WAS else "")


def state_before(reason: str) -> tuple[ArticleState, str]:
    """Return what a withdrawn article was before, and why."""
    for state, mark in _WAS.items():
        if mark in reason:
            return state, reason.partition(mark)[2]
    return ArticleState.OUT, ""


def is_taken_back(article: KnownArticle | UnreadArticle) -> bool:
    """Tell whether the publisher withdrew this article, so that it may come back."""
    return article.state is ArticleState.WITHDRAWN and article.reason.startswith(REASON)


def bring_back(decided: Admission, article: KnownArticle) -> Admission:
    """Return the decision about a withdrawn article that stands in its document again: as it was before."""
    state, reason = state_before(article.reason)
    change = "published again" if state is ArticleState.OUT else "there again"
    return replace(decided, state=state, reason=reason, is_announced=False, change=change)
