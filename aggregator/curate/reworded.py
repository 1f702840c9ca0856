"""Reworded headlines: entries that are nothing but words, told again in slightly other words.

A page of headlines gives entries without id, link or date of their own: their words are all that tells
them apart, and an editor who mends a headline makes another entry of it. New such entries and articles
of that kind that have just left the document flow in; pairs flow out. One pair must agree in nearly
all words; where most of a document was reworded at once ("Live:" before every line) less is enough. Numbers
do not count: they are comments, minutes and scores.
"""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.model import Entry, KnownArticle
from aggregator.query.text import markup_tokens, tokens

#: the share of words that a pair has in common (twice the common ones, through all of both)
ALIKE, ALIKE_IN_A_CROWD = 0.85, 0.6
#: so many pairs, and more than half of the new ones, are a crowd
CROWD = 5
#: words that a pair must have in common
FEWEST = 4
#: characters of the text that are looked at, and entries of one document
_CHARACTERS, _MOST = 2000, 300


def find_reworded(new: Sequence[Entry], recent: Sequence[KnownArticle]) -> dict[str, KnownArticle]:
    """Return the article that each new entry rewords, by the entry's key; most have none.

    Args:
        recent: only those with their entries are looked at, which the store reads where the words were all.
    """
    bare = [entry for entry in new[:_MOST] if is_bare(entry)]
    gone = [(article, _words(article.entry)) for article in recent[:_MOST] if article.entry is not None]
    if not bare or not gone:
        return {}
    alike = [
        (share, entry, article)
        for entry in bare
        for words in (_words(entry),)
        for article, others in gone
        if (share := _share(words, others)) >= ALIKE_IN_A_CROWD and _may_be(entry, article)
    ]
    alike.sort(key=lambda pair: (-pair[0], pair[2].id))
    found: dict[str, KnownArticle] = {}
    taken: set[int] = set()
    sure: set[str] = set()
    for share, entry, article in alike:
        if entry.key not in found and article.id not in taken:
            found[entry.key] = article
            taken.add(article.id)
            if share >= ALIKE:
                sure.add(entry.key)
    if len(found) >= CROWD and len(found) > len(new) / 2:
        return found
    return {key: article for key, article in found.items() if key in sure}


def is_bare(entry: Entry) -> bool:
    """Tell whether its words are all that tells *entry* apart."""
    return not entry.id and entry.key != entry.link and not entry.enclosures


def _may_be(entry: Entry, article: KnownArticle) -> bool:
    return None in (entry.published, article.published) or entry.published == article.published


def _words(entry: Entry) -> frozenset[str]:
    words = tokens(entry.title) + markup_tokens((entry.content or entry.summary)[:_CHARACTERS])
    return frozenset(word for word in words if not word.isdecimal())


def _share(words: frozenset[str], others: frozenset[str]) -> float:
    common = len(words & others)
    return 2 * common / (len(words) + len(others)) if common >= FEWEST else 0.0
