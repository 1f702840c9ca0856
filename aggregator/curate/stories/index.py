"""The stories of the last days, told article by article: each is decided online, once, for good.

In: Told values in any order. Out: a Decision each. Candidates are found by the rarest words of
an article alone, and only the newest stories under a word are looked at, so an article costs
the same however many are stored; old stories leave, so memory is bounded. The index touches
nothing; what it decided is stored by others and read back with `remember`.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice, repeat
from operator import mul

from aggregator.curate.stories.evidence import (
    RELATED,
    SAME,
    SAME_TEXT,
    SAME_TEXT_WORDS,
    judge,
    overlap,
)
from aggregator.curate.stories.lexicon import NEWEST, Lexicon, note_all
from aggregator.curate.stories.outline import Outline, words_in
from aggregator.curate.stories.portrait import Portrait, drawn_words
from aggregator.curate.stories.story import Remembered, Story
from aggregator.curate.stories.told import Decision, Tie, Told
from aggregator.curate.stories.weighed import Weighed

#: nothing joins a story whose nearest article is further away than this
WINDOW = timedelta(hours=72)
#: below this likeness to what a story was when its length was taken, it is not looked at again
_HOPELESS = 0.1
#: words of an article that are looked up, its rarest
_BLOCKS = 8
#: stories looked at in all, those under the rarest words first
_LOOKED_AT = 100
#: candidates that are compared in full
_CANDIDATES = 4
#: stories kept in memory; those that ended first leave first
_STORIES = 20_000
#: … and of those how many as an article is compared with them, which takes as much memory again
_PORTRAITS = 2000


class StoryIndex:
    """Knows the stories of the last days and tells where the next article belongs."""

    def __init__(self) -> None:
        self._stories: dict[int, Story] = {}
        self._lexicon = Lexicon()
        #: the first article that had it, by the hash of its canonical link: of so few no two have one, and
        #: texts would take four times the memory
        self._pages: dict[int, Remembered] = {}
        #: those that were looked at since they were last forgotten, the one looked at last at the end
        self._portraits: OrderedDict[int, Portrait] = OrderedDict()

    def __len__(self) -> int:
        return len(self._stories)

    def tell(self, told: Told) -> Decision:
        """Decide where an article belongs, and remember it there."""
        article = Weighed(told, self._lexicon)
        decision = self._decide(told, article)
        self._remember(article, decision)
        return decision

    def remember(self, told: Told, decision: Decision) -> None:
        """Take over an article that was decided before, here or elsewhere."""
        self._remember(Weighed(told, self._lexicon), decision)

    def forget_portraits(self) -> None:
        """Give back half of the memory: what is drawn anew, story by story, when an article is compared."""
        self._portraits.clear()

    def _remember(self, article: Weighed, decision: Decision) -> None:
        told = article.told
        story = self._stories.get(decision.story_id) or self._open(decision.story_id, told.at)
        if story.count:
            self._join(article, story)
        elif article.words:
            self._begin(article, story)
        remembered = Remembered(
            story.id, decision.link_id, decision.text_id, told.outlet, told.at, told.sketch
        )
        story.add(remembered)
        if told.link:
            self._pages.setdefault(hash(told.link), remembered)

    def _begin(self, article: Weighed, story: Story) -> None:
        self._lexicon.count_story()
        note_all(article.words, story.id)
        story.square = sum(map(mul, article.weights, article.doubly))
        self._keep(Portrait(story, dict(zip(article.texts, article.weights, strict=True))))

    def _join(self, article: Weighed, story: Story) -> None:
        portrait = self._portrait(story)
        if article.words and not portrait.words:
            self._lexicon.count_story()
        portrait.add(article)
        if self._is_outdated(story):
            self._measure(portrait)

    def _decide(self, told: Told, article: Weighed) -> Decision:
        same_link = self._same_link(article)
        scored = self._scored(article)
        tie: Tie = "first"
        link_id, story_id, score = told.article_id, told.article_id, 0.0
        if same_link is not None:
            tie, score = "link", 1.0
            link_id, story_id = same_link
        elif scored and scored[0][1] >= SAME:
            tie = "event"
            story_id, score = scored[0]
        text_id = self._same_text(article, story_id) if tie != "first" else None
        if text_id is not None and tie == "event":
            tie = "text"
        related = tuple((other, round(value, 3)) for other, value in scored if other != story_id)
        return Decision(
            article_id=told.article_id,
            story_id=story_id,
            text_id=link_id if tie == "link" and text_id is None else text_id or told.article_id,
            link_id=link_id,
            tie=tie,
            score=round(min(score, 1.0), 3),
            related=related,
        )

    def _same_link(self, article: Weighed) -> tuple[int, int] | None:
        """Return (article, story) of the same page; None if none is known.

        One outlet gives many items one link (a live page, a podcast's home): there the
        headline must agree too.
        """
        told = article.told
        page = self._pages.get(hash(told.link)) if told.link else None
        story = self._stories.get(page.story_id) if page else None
        if page is None or story is None or not _is_near(story, told.at):
            return None
        if page.outlet == told.outlet:
            title, printed = article.outline.title, Outline(page.sketch).title
            if overlap(title, printed) < SAME_TEXT:
                return None
        return page.link_id, page.story_id

    def _scored(self, article: Weighed) -> list[tuple[int, float]]:
        """Return (story id, how alike) of the stories that are the same or related, likest first."""
        scored = []
        for story in self._candidates(article) if article.length else ():
            portrait = self._portrait(story)
            theirs = list(map(portrait.words.get, article.texts, repeat(0.0)))
            similarity = self._cosine(article, portrait, theirs)
            if similarity >= RELATED:
                value = judge(similarity, article, portrait, theirs)
                if value >= RELATED:
                    scored.append((story.id, value))
        # of two alike the older one, whatever the order they were looked at
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _candidates(self, article: Weighed) -> list[Story]:
        common: dict[int, float] = {}
        weight_of = common.get
        left = _LOOKED_AT
        weights = article.once
        rarest = sorted(range(len(weights)), key=weights.__getitem__, reverse=True)[:_BLOCKS]
        for place in rarest:
            weight, stories = weights[place], article.words[place].stories
            for story_id in stories[-min(left, NEWEST) :]:
                common[story_id] = weight_of(story_id, 0.0) + weight
            left -= len(stories)
            if left <= 0:
                break
        likely = sorted(common, key=common.__getitem__, reverse=True)[: 4 * _CANDIDATES]
        known = map(self._stories.get, likely)
        since, until = article.told.at - WINDOW, article.told.at + WINDOW
        near = (story for story in known if story and story.first_at <= until and since <= story.last_at)
        return list(islice(near, _CANDIDATES))

    def _cosine(self, article: Weighed, portrait: Portrait, theirs: Sequence[float]) -> float:
        story = portrait.story
        product = sum(map(mul, article.doubly, theirs))
        # rarity drifts slowly: the length is taken anew where it may matter
        if self._is_outdated(story) and product >= _HOPELESS * article.length * math.sqrt(story.square):
            self._measure(portrait)
        return product / (article.length * math.sqrt(story.square)) if story.square else 0.0

    def _portrait(self, story: Story) -> Portrait:
        """Return what the article is compared with, as kept or drawn anew."""
        portrait = self._portraits.get(story.id)
        if portrait is None:
            words = self._lexicon.shared(drawn_words(story)) if story.words is None else story.words
            return self._keep(Portrait(story, words))
        self._portraits.move_to_end(story.id)
        return portrait

    def _keep(self, portrait: Portrait) -> Portrait:
        self._portraits[portrait.story.id] = portrait
        if len(self._portraits) > _PORTRAITS:
            self._portraits.popitem(last=False)
        return portrait

    def _measure(self, portrait: Portrait) -> None:
        """Take the length of a story's words anew."""
        story = portrait.story
        story.square, story.square_at = self._lexicon.square(portrait.words), self._lexicon.count

    def _is_outdated(self, story: Story) -> bool:
        """Tell whether there are a quarter more stories than when the length of its words was taken."""
        return self._lexicon.count > 1.25 * story.square_at

    def _same_text(self, article: Weighed, story_id: int) -> int | None:
        words = frozenset(words_in(article.told.sketch))
        if len(words) < SAME_TEXT_WORDS or story_id not in self._stories:
            return None
        for told in self._stories[story_id].newest:
            theirs = words_in(told.sketch)
            # most share too little, whatever else they say
            if len(words.intersection(theirs)) < SAME_TEXT * len(words):
                continue
            if overlap(words, frozenset(theirs)) >= SAME_TEXT:
                return told.text_id
        return None

    def _open(self, story_id: int, at: datetime) -> Story:
        if len(self._stories) >= _STORIES:
            self._shrink()
        story = self._stories[story_id] = Story(story_id, at, at, square_at=self._lexicon.count)
        return story

    def _shrink(self) -> None:
        """Let the quarter of the stories leave that ended first, and all that leads to them."""
        by_end = sorted(self._stories.values(), key=lambda story: story.last_at)
        for story in by_end[: _STORIES // 4]:
            del self._stories[story.id]
            self._portraits.pop(story.id, None)
        self._pages = {link: page for link, page in self._pages.items() if page.story_id in self._stories}
        self._lexicon.keep_only(self._stories)


def _is_near(story: Story, at: datetime) -> bool:
    return story.first_at - WINDOW <= at <= story.last_at + WINDOW
