"""The stories of the last days, told article by article: each is decided online, once, for good.

In: Told values in any order. Out: a Decision each. Candidates are found by the rarest words of
an article alone, and only the newest stories under a word are looked at, so an article costs
the same however many are stored; old stories leave, so memory is bounded. The index touches
nothing; what it decided is stored by others and read back with `remember`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from aggregator.curate.stories.evidence import StoryWords, features_of, judge
from aggregator.curate.stories.lexicon import NEWEST, Lexicon, Word
from aggregator.curate.stories.told import Decision, Tie, Told

#: nothing joins a story whose nearest article is further away than this
WINDOW = timedelta(hours=72)
#: what an article and a story must have in common to be about the same event
SAME = 0.27
#: and to be worth mentioning beside it
RELATED = 0.16
RELATED_STORIES = 5
#: below this likeness to what a story was a moment ago, it is not looked at again
_HOPELESS = 0.1
#: words of an article that are looked up, its rarest
_BLOCKS = 10
#: stories looked at in all, those under the rarest words first
_LOOKED_AT = 150
#: candidates that are compared in full
_CANDIDATES = 6
#: stories kept in memory; those that ended first leave first
_STORIES = 20_000
#: the same text: shared words among all words, and how many a text must have to be judged
_SAME_TEXT = 0.6
_SAME_TEXT_WORDS = 6
_first = itemgetter(0)


@dataclass(slots=True)
class _Member:
    article_id: int
    outlet: str
    words: frozenset[str]
    text_id: int


@dataclass(slots=True)
class _Story:
    id: int
    first_at: datetime
    last_at: datetime
    known: StoryWords = field(default_factory=StoryWords)
    #: the newest few, to know their text again
    members: list[_Member] = field(default_factory=list)


class _Looked(NamedTuple):
    """The words of an article: what they weigh, what is known of them, and what they weigh by rarity."""

    features: dict[str, float]
    words: list[Word]
    weighed: dict[str, float]
    #: of all of them together
    length: float


class StoryIndex:
    """Knows the stories of the last days and tells where the next article belongs."""

    def __init__(self) -> None:
        self._stories: dict[int, _Story] = {}
        self._lexicon = Lexicon()
        #: canonical link -> (article, story, outlet, words of the headline)
        self._links: dict[str, tuple[int, int, str, frozenset[str]]] = {}

    def __len__(self) -> int:
        return len(self._stories)

    def tell(self, told: Told) -> Decision:
        """Decide where an article belongs, and remember it there."""
        article = self._look_up(told)
        decision = self._decide(told, article)
        self._remember(told, decision, article)
        return decision

    def remember(self, told: Told, decision: Decision) -> None:
        """Take over an article that was decided before, here or elsewhere."""
        self._remember(told, decision, self._look_up(told))

    def _look_up(self, told: Told) -> _Looked:
        features = features_of(told.sketch)
        words = self._lexicon.look_up(features)
        weighed = {
            text: weight * word.rarity for (text, weight), word in zip(features.items(), words, strict=True)
        }
        length = math.sqrt(sum([weight * weight for weight in weighed.values()]))
        return _Looked(features, words, weighed, length)

    def _remember(self, told: Told, decision: Decision, article: _Looked) -> None:
        story = self._stories.get(decision.story_id)
        if story is None:
            story = self._open(decision.story_id, told.at)
        self._lexicon.note(article.features, article.words, story.known.words, story.id)
        story.known.add(told.outlet, told.at, article.features, article.weighed, told.sketch)
        story.first_at, story.last_at = min(story.first_at, told.at), max(story.last_at, told.at)
        words = told.sketch.words
        story.members = [*story.members[-7:], _Member(told.article_id, told.outlet, words, decision.text_id)]
        if told.link and told.link not in self._links:
            self._links[told.link] = (decision.link_id, story.id, told.outlet, frozenset(told.sketch.title))

    def forget(self, story_id: int) -> None:
        """Leave a story out: a person took it apart, and it is remembered anew."""
        self._stories.pop(story_id, None)

    def _decide(self, told: Told, article: _Looked) -> Decision:
        same_link = self._same_link(told)
        scored = self._scored(told, article)
        tie: Tie = "first"
        link_id, story_id, score = told.article_id, told.article_id, 0.0
        if same_link is not None:
            tie, score = "link", 1.0
            link_id, story_id = same_link
        elif scored and scored[0][1] >= SAME:
            tie = "event"
            story_id, score = scored[0]
        text_id = self._same_text(told, story_id) if tie != "first" else None
        if text_id is not None and tie == "event":
            tie = "text"
        related = tuple(
            (other, round(value, 3)) for other, value in scored if value >= RELATED and other != story_id
        )
        return Decision(
            article_id=told.article_id,
            story_id=story_id,
            text_id=link_id if tie == "link" and text_id is None else text_id or told.article_id,
            link_id=link_id,
            tie=tie,
            score=round(min(score, 1.0), 3),
            related=related[:RELATED_STORIES],
        )

    def _same_link(self, told: Told) -> tuple[int, int] | None:
        """Return (article, story) of the same page; None if none is known.

        One outlet gives many items one link (a live page, a podcast's home): there the
        headline must agree too.
        """
        known = self._links.get(told.link) if told.link else None
        if known is None:
            return None
        article_id, story_id, outlet, title = known
        story = self._stories.get(story_id)
        if story is None or not _is_near(story, told.at):
            return None
        if outlet == told.outlet and _overlap(title, frozenset(told.sketch.title)) < _SAME_TEXT:
            return None
        return article_id, story_id

    def _scored(self, told: Told, article: _Looked) -> list[tuple[int, float]]:
        """Return (story id, how alike) of the stories that could be meant, likest first."""
        if not article.length:
            return []
        scored = []
        for story in self._candidates(article, told.at):
            similarity = self._cosine(article, story.known)
            if similarity >= RELATED:
                value = judge(similarity, told.outlet, told.at, told.sketch, article.weighed, story.known)
                scored.append((story.id, value))
        # of two alike the older one, whatever the order they were looked at
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _candidates(self, article: _Looked, at: datetime) -> list[_Story]:
        shared: dict[int, float] = {}
        left = _LOOKED_AT
        rarest = sorted(zip(article.weighed.values(), article.words, strict=True), key=_first, reverse=True)
        for weight, word in rarest[:_BLOCKS]:
            for story_id in word.stories[-min(left, NEWEST) :]:
                shared[story_id] = shared.get(story_id, 0.0) + weight
            left -= len(word.stories)
            if left <= 0:
                break
        likely = sorted(shared, key=shared.__getitem__, reverse=True)[: 4 * _CANDIDATES]
        known = (self._stories.get(story_id) for story_id in likely)
        return list(islice((story for story in known if story and _is_near(story, at)), _CANDIDATES))

    def _cosine(self, article: _Looked, known: StoryWords) -> float:
        words, features, weighed = known.words, article.features, article.weighed
        # the square of the weighed word by its own weight is its weight by the square of its rarity
        common = features.keys() & words.keys()
        shared = sum([weighed[text] * weighed[text] / features[text] * words[text] for text in common])
        likeness = shared / (article.length * math.sqrt(known.square)) if known.square else 0.0
        # rarity drifts slowly: the length is taken anew when there are a quarter more stories
        if likeness >= _HOPELESS and self._lexicon.count > 1.25 * known.square_at:
            rarities = self._lexicon.rarities(words)
            weights = zip(words.values(), rarities, strict=True)
            known.square = sum([(weight * rarity) ** 2 for weight, rarity in weights])
            known.square_at = self._lexicon.count
            likeness = shared / (article.length * math.sqrt(known.square))
        return likeness

    def _same_text(self, told: Told, story_id: int) -> int | None:
        words = told.sketch.words
        if len(words) < _SAME_TEXT_WORDS or story_id not in self._stories:
            return None
        for member in self._stories[story_id].members:
            if _overlap(words, member.words) >= _SAME_TEXT:
                return member.text_id
        return None

    def _open(self, story_id: int, at: datetime) -> _Story:
        if len(self._stories) >= _STORIES:
            self._shrink()
        known = StoryWords(square_at=self._lexicon.count)
        story = self._stories[story_id] = _Story(story_id, at, at, known)
        self._lexicon.count_story()
        return story

    def _shrink(self) -> None:
        """Let the quarter of the stories leave that ended first, and all that leads to them."""
        by_end = sorted(self._stories.values(), key=lambda story: story.last_at)
        for story in by_end[: _STORIES // 4]:
            del self._stories[story.id]
        self._links = {link: known for link, known in self._links.items() if known[1] in self._stories}
        self._lexicon.keep_only(self._stories)


def _is_near(story: _Story, at: datetime) -> bool:
    return story.first_at - WINDOW <= at <= story.last_at + WINDOW


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))
