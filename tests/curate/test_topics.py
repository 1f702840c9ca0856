"""Which topics and feeds an article lands in, and why."""

from __future__ import annotations

from dataclasses import replace

from aggregator.curate.held import admission_of
from aggregator.curate.rewrite import looks_of, rewrite
from aggregator.curate.topics import compile_rules, place
from aggregator.model import (
    Article,
    ArticleState,
    Category,
    Configuration,
    Feed,
    Item,
    Placed,
    Rewrite,
    RuleSet,
    Source,
    SourceCard,
    Target,
    Topic,
)
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
    (admission,) = Memory().poll([entry("x", **fields)], NOON).admissions
    return place(admission, RULES, SOURCE, "the-paper")


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
    found = place(admission, RULES, SOURCE, "the-paper")
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
    again = place(admission_of(article), RULES, SOURCE, "the-paper")
    assert (again.topics, again.targets) == (found.topics, found.targets)
    assert again.admission.article_id == 7


def test_age_is_left_to_the_arrangement() -> None:
    rules = compile_rules(
        Configuration(
            feeds=(Feed(slug="f", title="", query="age:<1h"), Feed(slug="g", title="", query="-age:<1h"))
        )
    )
    found = place(placed().admission, rules, SOURCE, "p")
    assert [target.slug for target in found.targets] == ["f", "g", "p"]


def test_one_article_has_topics_by_source_label_words_and_language() -> None:
    topics = {
        "ours": "source:the-paper",
        "labelled": "category:shipping",
        "worded": '"flood gates"',
        "welsh": "lang:cy",
        "long": "words:>500",
        "audio": "has:audio",
    }
    rules = compile_rules(
        Configuration(topics=tuple(Topic(slug=slug, title="", query=query) for slug, query in topics.items()))
    )
    made = entry(
        "x",
        title="Flood-gates open",
        categories=(Category(term="Shipping"),),
        language="cy",
        words=40,
    )
    (admission,) = Memory().poll([made], NOON).admissions
    found = place(admission, rules, SOURCE, "the-paper")
    assert found.topics == ("labelled", "ours", "welsh", "worded")
    assert {target.slug for target in found.targets if target.kind == "topic"} == set(found.topics)


def test_a_rule_set_holds_wherever_a_query_stands() -> None:
    configuration = Configuration(
        rules=(RuleSet("no-sport", "-football -cricket"), RuleSet("good", "rule:no-sport words:>10")),
        topics=(Topic(slug="calm", title="", query="rule:no-sport"),),
        feeds=(
            Feed(slug="best", title="", query="rule:good"),
            Feed(slug="rest", title="", query="-rule:good"),
            Feed(slug="topical", title="", query="topic:calm rule:no-sport"),
        ),
        rewrites=(Rewrite(name="Shout", query="-rule:no-sport", prefix="SPORT: "),),
    )
    rules, looks = compile_rules(configuration), looks_of(configuration)
    card = SourceCard(id=1, slug="the-paper", name="The Paper", url=SOURCE.url)
    wanted = {
        "Cricket at ten": ({"rest"}, "SPORT: Cricket at ten"),
        "The budget": ({"calm", "best", "topical"}, "The budget"),
    }
    for title, (slugs, shown) in wanted.items():
        (admission,) = Memory().poll([entry("x", title=title, words=40)], NOON).admissions
        found = place(admission, rules, SOURCE, "p")
        assert {target.slug for target in found.targets} == {*slugs, "p"}
        article = Article(
            id=1,
            source_id=1,
            entry=found.admission.entry,
            published_id="urn:x",
            first_seen=NOON,
            changed_at=NOON,
            sort_date=NOON,
        )
        item = rewrite(Item(article, card, 0), looks)
        assert item.article.entry.title == shown
