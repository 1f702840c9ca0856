"""The stories of the last days, told article by article: each is decided online, once, for good.

In: Told values in any order. Out: a Decision each. Candidates are found by the rarest words of
an article alone, and only the newest stories under a word are looked at, so an article costs
the same however many are stored; old stories leave, so memory is bounded. The index touches
nothing; what it decided is stored by others and read back with `remember`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.curate.stories.evidence import StoryWords, features_of, judge
from aggregator.curate.stories.sketch import Sketch
from aggregator.curate.stories.told import Decision, Tie, Told
from aggregator.curate.stories.vocabulary import NEWS_WORDS

#: nothing joins a story whose nearest article is further away than this
WINDOW = timedelta(hours=72)
#: what an article and a story must have in common to be about the same event
SAME = 0.265
#: and to be worth mentioning beside it
RELATED = 0.16
RELATED_STORIES = 5
#: below this likeness to what a story was a moment ago, it is not looked at again
_HOPELESS = 0.1
#: words of an article that are looked up, its rarest
_BLOCKS = 10
#: stories looked at under one word, the newest
_NEWEST = 60
#: candidates that are compared in full
_CANDIDATES = 6
#: stories kept in memory; those that ended first leave first
_STORIES = 20_000
#: rarity is counted among this many stories; beyond, older counts fade
_COUNTED = 40_000
#: the stories that news words are taken to have been in before the first
_PRIOR = 1500.0
_PRIOR_SHARE = 0.02
#: how much of a story a word's next article in the same story counts: nearly nothing, else the
#: words of a much told story would become common; not nothing, else one huge story is all rare words
_AGAIN = 0.1
#: flattens rarity: a word seen once is not ten times the evidence of one seen twice
_POWER = 0.7
#: the same text: shared words among all words, and how many a text must have to be judged
_SAME_TEXT = 0.6
_SAME_TEXT_WORDS = 6


@dataclass(slots=True)
class _Member:
    article_id: int
    outlet: str
    sketch: Sketch
    text_id: int


@dataclass(slots=True)
class _Story:
    id: int
    first_at: datetime
    last_at: datetime
    known: StoryWords = field(default_factory=StoryWords)
    #: the newest few, to know their text again
    members: tuple[_Member, ...] = ()


class StoryIndex:
    """Knows the stories of the last days and tells where the next article belongs."""

    def __init__(self) -> None:
        self._stories: dict[int, _Story] = {}
        self._under: dict[str, list[int]] = {}
        #: in how many stories a word was seen, articles of one story counting a little
        self._seen: dict[str, float] = {}
        self._count = _PRIOR
        #: what _rarity said, until the count of the word or of all has changed
        self._rare: dict[str, float] = {}
        self._rare_at = _PRIOR
        #: canonical link -> (article, story, outlet, words of the headline)
        self._links: dict[str, tuple[int, int, str, tuple[str, ...]]] = {}
        self._prior = frozenset(word for news in NEWS_WORDS for word in features_of(Sketch((news,))))

    def __len__(self) -> int:
        return len(self._stories)

    def tell(self, told: Told) -> Decision:
        """Decide where an article belongs, and remember it there."""
        features = features_of(told.sketch)
        decision = self._decide(told, features)
        self._remember(told, decision, features)
        return decision

    def remember(self, told: Told, decision: Decision) -> None:
        """Take over an article that was decided before, here or elsewhere."""
        self._remember(told, decision, features_of(told.sketch))

    def _remember(self, told: Told, decision: Decision, features: Mapping[str, float]) -> None:
        story = self._stories.get(decision.story_id)
        if story is None:
            story = self._open(decision.story_id, told.at)
        for word in features:
            self._rare.pop(word, None)
            if word in story.known.words:
                self._seen[word] = self._seen.get(word, 0.0) + _AGAIN
            else:
                self._seen[word] = self._seen.get(word, 0.0) + 1.0
                self._note(word, story.id)
        story.known.add(told.outlet, features, told.sketch)
        story.first_at, story.last_at = min(story.first_at, told.at), max(story.last_at, told.at)
        member = _Member(told.article_id, told.outlet, told.sketch, decision.text_id)
        story.members = (*story.members[-7:], member)
        if told.link and told.link not in self._links:
            self._links[told.link] = (decision.link_id, story.id, told.outlet, told.sketch.title)

    def forget(self, story_id: int) -> None:
        """Leave a story out: a person took it apart, and it is remembered anew."""
        self._stories.pop(story_id, None)

    def _decide(self, told: Told, features: Mapping[str, float]) -> Decision:
        same_link = self._same_link(told)
        scored = self._scored(told, features)
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
        if outlet == told.outlet and _overlap(frozenset(title), frozenset(told.sketch.title)) < _SAME_TEXT:
            return None
        return article_id, story_id

    def _scored(self, told: Told, features: Mapping[str, float]) -> list[tuple[int, float]]:
        """Return (story id, how alike) of the stories that could be meant, likest first."""
        rare, rarity = self._rare, self._rarity
        weighed = {word: weight * (rare.get(word) or rarity(word)) for word, weight in features.items()}
        length = math.sqrt(sum(weight * weight for weight in weighed.values()))
        if not length:
            return []
        scored = []
        for story in self._candidates(weighed, told.at):
            words = story.known.words
            common = {word: weight * words[word] for word, weight in weighed.items() if word in words}
            similarity = self._cosine(common, length, story.known)
            if similarity >= RELATED:
                scored.append((story.id, judge(similarity, told.outlet, told.sketch, common, story.known)))
        # of two alike the older one, whatever the order they were looked at
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _candidates(self, weighed: Mapping[str, float], at: datetime) -> list[_Story]:
        shared: dict[int, float] = {}
        for word in sorted(weighed, key=weighed.__getitem__, reverse=True)[:_BLOCKS]:
            weight = weighed[word]
            for story_id in self._under.get(word, ())[-_NEWEST:]:
                shared[story_id] = shared.get(story_id, 0.0) + weight
        likely = sorted(shared, key=shared.__getitem__, reverse=True)[: 4 * _CANDIDATES]
        known = (self._stories.get(story_id) for story_id in likely)
        return [story for story in known if story and _is_near(story, at)][:_CANDIDATES]

    def _cosine(self, common: Mapping[str, float], length: float, known: StoryWords) -> float:
        rare, rarity = self._rare, self._rarity
        shared = sum([weight * (rare.get(word) or rarity(word)) for word, weight in common.items()])
        if shared < _HOPELESS * length * known.norm:
            return 0.0
        # rarity drifts slowly: the length is taken anew when the story or a twentieth of all has changed
        if not known.norm_at or self._count > 1.05 * known.norm_at:
            lengths = [
                (weight * (rare.get(word) or rarity(word))) ** 2 for word, weight in known.words.items()
            ]
            known.norm, known.norm_at = math.sqrt(sum(lengths)), self._count
        return shared / (length * known.norm)

    def _rarity(self, word: str) -> float:
        rarity = self._rare.get(word)
        if rarity is None:
            seen = self._seen.get(word, 0.0) + (_PRIOR * _PRIOR_SHARE if word in self._prior else 0.0)
            rarity = max(math.log((self._count + 1.0) / (seen + 0.5)), 0.01) ** _POWER
            self._rare[word] = rarity
        return rarity

    def _same_text(self, told: Told, story_id: int) -> int | None:
        words = told.sketch.words
        if len(words) < _SAME_TEXT_WORDS or story_id not in self._stories:
            return None
        for member in self._stories[story_id].members:
            if _overlap(words, member.sketch.words) >= _SAME_TEXT:
                return member.text_id
        return None

    def _note(self, word: str, story_id: int) -> None:
        under = self._under.setdefault(word, [])
        under.append(story_id)
        if len(under) >= 2 * _NEWEST:
            del under[:-_NEWEST]

    def _open(self, story_id: int, at: datetime) -> _Story:
        if len(self._stories) >= _STORIES:
            self._shrink()
        story = self._stories[story_id] = _Story(story_id, at, at)
        self._count += 1
        if self._count > _COUNTED:
            self._fade()
        if self._count > 1.02 * self._rare_at or self._count < self._rare_at:
            self._rare.clear()
            self._rare_at = self._count
        return story

    def _shrink(self) -> None:
        """Let the quarter of the stories leave that ended first, and all that leads to them."""
        by_end = sorted(self._stories.values(), key=lambda story: story.last_at)
        for story in by_end[: _STORIES // 4]:
            del self._stories[story.id]
        alive = self._stories
        self._links = {link: known for link, known in self._links.items() if known[1] in alive}
        under = ((word, [i for i in ids if i in alive]) for word, ids in self._under.items())
        self._under = {word: ids for word, ids in under if ids}

    def _fade(self) -> None:
        self._count = (self._count - _PRIOR) / 2 + _PRIOR
        self._seen = {word: count / 2 for word, count in self._seen.items() if count >= 1.0}


def _is_near(story: _Story, at: datetime) -> bool:
    return story.first_at - WINDOW <= at <= story.last_at + WINDOW


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))
