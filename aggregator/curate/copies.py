"""Copies of one thing become one entry: items flow in, fewer items flow out, each naming the others.

What counts as one thing is the feed's ``duplicates``: the same link, the same text or the same
story. The entry keeps the id and the dates of the copy that came into the feed first, so
subscribers are not told again when coverage grows; its text is the best copy's: the fullest,
then the original, whose text nobody had before, then by the weight of its source and its place in
the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregator.model import Copy, Duplicates, Item

#: copies with this share of the fullest one's words are as full as it
_AS_FULL = 0.8


def join_copies(items: Iterable[Item], duplicates: Duplicates) -> list[Item]:
    """Return one item for each thing, in the order in which its newest copy stands in *items*."""
    if duplicates == "keep":
        return list(items)
    things: dict[tuple[str, int], list[Item]] = {}
    for item in items:
        things.setdefault(_thing(item, duplicates), []).append(item)
    return [_joined(copies, duplicates) for copies in things.values()]


def best_copy(copies: Sequence[Item]) -> Item:
    """Return the copy to show: the fullest, then the original, then the preferred."""
    fullest = max(item.article.entry.words for item in copies)
    full = [item for item in copies if item.article.entry.words >= _AS_FULL * fullest]
    return min(
        full,
        key=lambda item: (
            _is_taken_over(item),
            -item.source.weight,
            item.source.position,
            item.article.sort_date,
            item.article.id,
        ),
    )


def _is_taken_over(item: Item) -> bool:
    """Tell whether its text was somebody else's first."""
    copied = item.story is not None and item.story.text_id != item.article.id
    return copied or item.article.entry.origin is not None


def _thing(item: Item, duplicates: Duplicates) -> tuple[str, int]:
    story = item.story
    if story is None:
        return "article", item.article.id
    if duplicates == "link":
        return "article", story.link_id
    if duplicates == "text":
        return "article", min(story.text_id, story.link_id)
    return "story", story.story_id


def _joined(copies: list[Item], duplicates: Duplicates) -> Item:
    first = min(copies, key=lambda item: item.entered)
    named = first.story.published_id if first.story and duplicates == "story" else None
    if len(copies) == 1 and named in (None, first.article.published_id):
        return first
    shown = best_copy(copies)
    opened, entry = first.article, first.article.entry
    edited = [one.article.changed_at for one in copies if one.article.changed_at > one.article.first_seen]
    article = replace(
        shown.article,
        published_id=named or opened.published_id,
        first_seen=opened.first_seen,
        sort_date=opened.sort_date,
        changed_at=max([opened.first_seen, *edited]),
        entry=replace(shown.article.entry, published=entry.published, updated=entry.updated),
    )
    ranks = [item.rank for item in copies if item.rank is not None]
    others = sorted((item for item in copies if item is not shown), key=lambda item: item.entered)
    return replace(
        shown,
        article=article,
        entered=first.entered,
        rank=min(ranks, default=None),
        also=tuple(map(copy_of, others)),
    )


def copy_of(item: Item) -> Copy:
    """Return what an entry that stands for this one names of it."""
    article = item.article
    return Copy(
        article_id=article.id,
        source=item.source.name,
        title=article.entry.title,
        link=article.entry.link,
    )
