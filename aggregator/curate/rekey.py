"""Known articles under new keys: a site changed its ids, its host or its scheme, not its articles.

New entries and the source's recent articles (those the document no longer holds) flow in;
pairs flow out. The words must agree, and the claimed date or the place (the path of the link
or of the id, whatever its scheme, host and query); where there is neither date nor place, the words
alone. When that, or the words alone, or date and place without the words, or a place that is a title,
hold for at least five new entries of a poll and for most of them, a whole feed was moved, and all
those are pairs. Of a path that ends in a title, title and date are a place, too: programs that write
blogs have folders of their own.
A pair is an update of the article, never announced; an article is paired once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from aggregator.curate.held import as_it_stands
from aggregator.model import Admission, Entry, KnownArticle
from aggregator.query.wording import fingerprint, told_words

#: so many entries known by their words alone make a mass change
MASS = 5
#: words that an entry needs before they alone say which it is
MIN_WORDS = 8
#: letters of a word that is a title of its own in an address
LONG_WORD = 10
_WORD = re.compile(r"[^\W\d_]{2,}")

T = TypeVar("T")


def find_rekeyed(new: Sequence[Entry], recent: Sequence[KnownArticle]) -> dict[str, KnownArticle]:
    """Return the article that each new entry continues, by the entry's key; most have none."""
    if not recent or not new:
        return {}
    prints = {entry.key: fingerprint(entry) for entry in new}
    # an entry by itself is known by its words; places weigh in a crowd alone
    has_words = not {article.fingerprint for article in recent}.isdisjoint(prints.values())
    sure = _pairs(new, recent, prints, is_mass=False) if has_words else {}
    if len(new) < MASS:
        return sure
    left = {article.id for article in sure.values()}
    rest = [entry for entry in new if entry.key not in sure]
    likely = _pairs(rest, [article for article in recent if article.id not in left], prints, is_mass=True)
    total = len(sure) + len(likely)
    return sure | likely if total >= MASS and total > len(new) / 2 else sure


def under_new_key(entry: Entry, article: KnownArticle, source_id: int) -> Admission:
    """Return the update that gives a stored article its new key, id and link."""
    published = min((date for date in (article.published, entry.published) if date), default=None)
    return replace(
        as_it_stands(article, replace(entry, published=published), source_id),
        fingerprint=fingerprint(entry),
        change=f"its publisher gave it another id or address; before it was {article.key}",
    )


def _pairs(
    new: Sequence[Entry], recent: Sequence[KnownArticle], prints: Mapping[str, str], *, is_mass: bool
) -> dict[str, KnownArticle]:
    places = _unique((place, one) for one in recent for place in _places(one.published, one.link, one.key))
    ends = Counter(end for one in new for end in set(map(_last, _places(None, one.link, one.id))))
    # what so many links end in is the name of a program, as in /article_view.php?id=17
    programs = {end for end, count in ends.items() if count >= MASS}
    wanted = _unique(
        (place, one) for one in new for place in _places(one.published, one.link, one.id, programs=programs)
    )
    by_words: dict[str, list[KnownArticle]] = {}
    for article in recent:
        if article.fingerprint:
            by_words.setdefault(article.fingerprint, []).append(article)
    found: dict[str, KnownArticle] = {}
    taken: set[int] = set()
    for entry in new:
        own = _places(entry.published, entry.link, entry.id)
        shared = [place for place in sorted(own) if place in wanted]
        near = [places[place] for place in shared if place in places]
        near += by_words.get(prints[entry.key], ())
        leads = not _places(None, entry.link).isdisjoint(wanted)
        for article in near:
            if article.id in taken:
                continue
            leads_on = leads or not _places(None, article.link).isdisjoint(places)
            if _is_same(entry, prints[entry.key], article, shared, leads=leads_on, is_mass=is_mass):
                found[entry.key] = article
                taken.add(article.id)
                break
    return found


def _is_same(
    entry: Entry, words: str, article: KnownArticle, places: Sequence[str], *, leads: bool, is_mass: bool
) -> bool:
    """Weigh the signs.

    Args:
        leads: one of the two has a link that no other entry has.
        is_mass: the entry follows a crowd.
    """
    has_same_words = bool(words) and words == article.fingerprint
    has_same_date = entry.published == article.published
    shared = _places(article.published, article.link, article.key).intersection(places)
    if has_same_words:
        if is_mass:
            return has_same_date or len(told_words(entry)) >= MIN_WORDS
        # without a date, only what leads nowhere is the same for its words alone
        return bool(shared) or (has_same_date and (entry.published is not None or not leads))
    if not is_mass or not shared:
        return False
    return (has_same_date and entry.published is not None) or any(map(_is_telling, shared))


def _is_telling(place: str) -> bool:
    """Tell whether a path ends in words, as of a title: no two articles have it by chance."""
    words = _WORD.findall(_last(place))
    return len(words) > 1 or any(len(word) >= LONG_WORD for word in words)


def _last(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _unique(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    """Places that stand for one thing only; many feeds link all entries to one page."""
    found: dict[str, T] = {}
    shared = set()
    for place, thing in pairs:
        if place in found and found[place] is not thing:
            shared.add(place)
        found[place] = thing
    return {place: thing for place, thing in found.items() if place not in shared}


def _places(published: datetime | None, *addresses: str | None, programs: Collection[str] = ()) -> set[str]:
    """Return where an entry stands: its paths, and the titles they end in with the date it claims."""
    paths = {place for address in addresses if address and (place := _place(address))}
    if published is None:
        return paths
    titles = {_last(path) for path in paths if _is_telling(path)}.difference(programs)
    return paths.union([f"{published} {title}" for title in titles])


def _place(address: str) -> str:
    """The path without slashes around it; "" for a front page and for what has no path.

    Where the path is the same for all (``/?p=17``), the query tells them apart.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    path = parts.path.strip("/").lower()
    if path in ("", "index.php", "index.html"):
        return parts.query.lower()
    return path
