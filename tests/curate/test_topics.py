"""Which topics and feeds an article lands in, and why."""

from __future__ import annotations

from dataclasses import replace

from aggregator.curate.topics import compile_rules, place, place_article
from aggregator.model import Article, ArticleState, Configuration, Feed, Placed, Source, Target, Topic
from tests.curate.papers import NOON, Memory, entry

SOURCE = Source(url="https://paper.example/feed", name="The Paper", tags=("national",))
RULES = compile_rules(
    Configuration(
        sources=(SOURCE,),
        topics=(
            Topic(slug="money-quality", title="", query="topic:money words:>=100"),
            Topic(slug="money", title="", query='mortgage* OR "bank of england" OR topic:taxes'),
            Topic(slug="taxes", title="", query="tax"),
            Topic(slug="calm", title="", query="-tax"),
        ),
        feeds=(
            Feed(slug="front", title="", query="tag:national -sport"),
            Feed(slug="rich", title="", query="topic:money-quality"),
            Feed(slug="everything", title=""),
        ),
    )
)


def placed(**fields: object) -> Placed:
    admissions = Memory().poll([entry("x", **fields)], NOON).admissions
    return place(admissions, RULES, SOURCE, "the-paper")[0]


def test_topics_label_first_and_feeds_see_the_labels() -> None:
    found = placed(title="A tax on sport", words=120)
    assert found.topics == ("money", "money-quality", "taxes")
    assert found.targets == (
        Target("topic", "money", "topic: taxes"),
        Target("topic", "money-quality", "topic: money, words: 120"),
        Target("topic", "taxes", "title: tax"),
        Target("feed", "rich", "topic: money-quality"),
        Target("feed", "everything", "everything"),
        Target("source", "the-paper", "source: the-paper"),
    )


def test_feed_says_which_part_matched() -> None:
    assert Target("feed", "front", "tag: national") in placed().targets


def test_article_that_is_not_out_has_topics_but_no_targets() -> None:
    admission = replace(placed(title="Mortgages").admission, state=ArticleState.HELD)
    (found,) = place([admission], RULES, SOURCE, "the-paper")
    assert found.topics == ("calm", "money")
    assert found.targets == ()


def test_stored_article_is_placed_as_it_was_on_arrival() -> None:
    found = placed(title="Bank of England and tax", words=120)
    article = Article(
        id=7,
        source_id=1,
        entry=found.admission.entry,
        published_id=found.admission.published_id,
        first_seen=NOON,
        changed_at=NOON,
        sort_date=found.admission.sort_date,
    )
    again = place_article(article, RULES, SOURCE, "the-paper")
    assert (again.topics, again.targets) == (found.topics, found.targets)
    assert again.admission.article_id == 7


def test_age_is_left_to_the_arrangement() -> None:
    rules = compile_rules(
        Configuration(
            feeds=(Feed(slug="f", title="", query="age:<1h"), Feed(slug="g", title="", query="-age:<1h"))
        )
    )
    (found,) = place([placed().admission], rules, SOURCE, "p")
    assert [target.slug for target in found.targets] == ["f", "g", "p"]
