"""The story index: which articles it takes for the same story, and which not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.stories.grouping import Report, group_articles, told_of
from aggregator.curate.stories.index import StoryIndex
from aggregator.curate.stories.lexicon import NEWEST
from aggregator.curate.stories.links import canonical_link
from aggregator.curate.stories.outlets import outlet_of
from aggregator.curate.stories.told import Decision, Told
from aggregator.query.sketch import dump_sketch, load_sketch, sketch_of
from benchmarks import stories as benchmark

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BRIDGE = "Lambourne Bridge closed after cracks found in hinge"
BRIDGE_TEXT = "Inspectors found hairline cracks in an iron hinge of Lambourne Bridge over the Thames."


def told(
    number: int,
    title: str,
    text: str = "",
    *,
    outlet: str = "",
    link: str | None = None,
    hours: float = 0,
) -> Told:
    return Told(
        article_id=number,
        outlet=outlet or f"paper{number}",
        link=canonical_link(link),
        sketch=dump_sketch(sketch_of(title, text)),
        at=NOON + timedelta(hours=hours),
    )


def tell(*articles: Told) -> list[Decision]:
    index = StoryIndex()
    return [index.tell(article) for article in articles]


def test_first_article_opens_a_story_of_its_own() -> None:
    (only,) = tell(told(7, BRIDGE, BRIDGE_TEXT))
    assert (only.story_id, only.text_id, only.link_id, only.tie) == (7, 7, 7, "first")


def test_same_link_is_the_same_article_whatever_brought_the_reader() -> None:
    first, second = tell(
        told(1, BRIDGE, link="https://www.courier.example/bridge?utm_source=rss"),
        told(2, "What a morning on the river", link="http://m.courier.example/bridge/#comments"),
    )
    assert (second.tie, second.link_id, second.story_id) == ("link", 1, 1)
    assert first.link_id == 1


def test_items_of_one_paper_that_share_a_page_are_not_one_article() -> None:
    live = "https://courier.example/live"
    _, second = tell(
        told(1, "Northgate take the lead", link=live, outlet="courier"),
        told(2, "Minister resigns over ferry contract", link=live, outlet="courier"),
    )
    assert second.tie == "first"


def test_text_taken_over_with_small_changes_is_the_same_text() -> None:
    _, second = tell(told(1, BRIDGE, BRIDGE_TEXT), told(2, BRIDGE + " (update)", BRIDGE_TEXT + " More soon."))
    assert (second.tie, second.text_id) == ("text", 1)


def test_event_told_in_other_words_is_the_same_story_but_not_the_same_text() -> None:
    _, second = tell(
        told(1, BRIDGE, BRIDGE_TEXT),
        told(
            2,
            "Cracked hinge shuts Lambourne Bridge",
            "Traffic in London was diverted from the Thames bridge.",
        ),
    )
    assert (second.tie, second.story_id, second.text_id) == ("event", 1, 2)


def test_days_apart_it_is_another_story() -> None:
    _, second = tell(told(1, BRIDGE, BRIDGE_TEXT), told(2, BRIDGE, BRIDGE_TEXT, hours=100))
    assert second.tie == "first"


def test_a_name_alone_ties_nothing() -> None:
    _, second = tell(
        told(1, "Desmond Carrow opens school in Fulham", "The leader cut a ribbon for two hundred pupils."),
        told(2, "Desmond Carrow attacks budget plans", "Borrowing would ruin the currency, the leader said."),
    )
    assert second.tie == "first"


def test_newspaper_page_that_started_the_project() -> None:
    deal = (
        "U.S. Freezes £31 Billion Tech Prosperity Deal With Britain Amid Trade Dispute",
        "UK Says U.S. Tech Deal Talks Still Active Despite Washington’s Suspension of Prosperity Pact",
    )
    protest = (
        "UK Police Warn They Will Arrest Protesters Chanting ‘Globalise the Intifada’",
        "UK Police Arrest Protesters Chanting ‘Globalise the Intifada’, Recalibrating Free Speech",
    )
    others = (
        "UK Mortgage Rules to Give Greater Flexibility to Borrowers With Irregular Incomes",
        "UK Treasury Moves to Position Britain as Leading Global Hub for Crypto Firms",
        "UK Boosts Protection for Jewish Communities After Sydney Hanukkah Attack",
        "UK Economy Falters Ahead of Budget as Growth Contracts and Confidence Wanes",
    )
    titles = (*deal, *protest, *others)
    pact = "Washington has put the technology pact signed with Britain on hold."
    articles = (told(number, title, pact if title in deal else "") for number, title in enumerate(titles, 1))
    stories = [decision.story_id for decision in tell(*articles)]
    assert stories[0] == stories[1]
    assert stories[2] == stories[3]
    assert len(set(stories)) == 2 + len(others)


def test_weaker_tie_is_related_coverage() -> None:
    decisions = tell(
        told(1, BRIDGE, BRIDGE_TEXT),
        told(2, "Mayor blamed for years of neglect at Lambourne Bridge", "Repairs were put off."),
        told(
            3,
            "Ferries promise more sailings while Lambourne crossing is shut",
            "Extra boats.",
        ),
    )
    ties = {decision.story_id for decision in decisions} | {
        other for decision in decisions for other, _ in decision.related
    }
    assert 1 in ties
    assert any(decision.story_id == 1 or decision.related for decision in decisions[1:])


def test_articles_are_grouped_without_a_store() -> None:
    reports = [
        Report(title=BRIDGE, summary=BRIDGE_TEXT, at=NOON, source="Courier"),
        Report(title="Owl nests in clock tower", at=NOON, source="Gazette"),
        Report(title="Cracked hinge shuts Lambourne Bridge", summary=BRIDGE_TEXT, at=NOON, source="Gazette"),
    ]
    assert [decision.story_id for decision in group_articles(reports)] == [1, 2, 1]
    index = StoryIndex()
    early = list(group_articles(reports[:2], index))
    late = list(group_articles(reports[2:], index, first=3))
    assert [decision.story_id for decision in early + late] == [1, 2, 1]


COPIES = [
    Report(title=title + end, summary=text, at=NOON + timedelta(hours=hour), source=f"paper {place} {hour}")
    for place, (title, text) in enumerate(
        [
            (BRIDGE, BRIDGE_TEXT),
            (
                "Ferry fares rise by a tenth in May",
                "Crossings to Candle Stairs cost more; skippers complain.",
            ),
            (
                "Owl nests in Saltmarsh clock tower",
                "Visitors are asked to whisper until the chicks have flown.",
            ),
            (
                "Bakers vote to strike over night work",
                "Ovens in Thornley stay cold on Friday, the union said.",
            ),
        ]
    )
    for hour, end in enumerate(("", " (update)", ": what we know"))
]


@given(st.permutations(COPIES))
def test_articles_nearly_alike_meet_in_whatever_order_they_come(order: list[Report]) -> None:
    stories: dict[str, set[int]] = {}
    for report, decision in zip(order, group_articles(order), strict=True):
        stories.setdefault(report.source.split()[1], set()).add(decision.story_id)
    assert all(len(one) == 1 for one in stories.values())
    assert len(set().union(*stories.values())) == len(stories)


def test_an_article_costs_the_same_however_many_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    cosine = StoryIndex._cosine

    def count(index: StoryIndex, *compared_with: object) -> float:
        compared[-1] += 1
        return cosine(index, *compared_with)  # type: ignore[arg-type]

    monkeypatch.setattr(StoryIndex, "_cosine", count)
    index = StoryIndex()
    for number, report in enumerate(benchmark.invented(3000), 1):
        compared.append(0)
        index.tell(told_of(number, report))
    assert 0 < max(compared[-500:]) <= 4
    assert all(len(word.stories) < 2 * NEWEST for word in index._lexicon._words.values())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Weather: showers in the north, 14 degrees", "Weather: sun in the north, 17 degrees"),
        ("London shares close higher at 9,214 points", "London shares close lower at 9,178 points"),
        ("Inside the deep mine, part 1: going down", "Inside the deep mine, part 2: the night shift"),
    ],
)
def test_what_a_paper_prints_every_day_is_no_story(first: str, second: str) -> None:
    _, next_day = tell(told(1, first, outlet="courier"), told(2, second, outlet="courier", hours=24))
    assert next_day.tie == "first"


def test_one_pattern_with_other_names_is_another_event() -> None:
    _, other = tell(
        told(1, "Vicar Martin Pell jailed for three years over thefts", "Exeter Crown Court heard of it."),
        told(2, "Nurse Dawn Ferris jailed for four years over thefts", "Preston Crown Court heard of it."),
    )
    assert other.tie == "first"


def test_who_sent_it_is_no_evidence() -> None:
    assert sketch_of("A", "LONDON (Reuters) - Swans return.") == sketch_of(
        "A", "[Daily Planet] Swans return."
    )


def test_look_alikes_of_nine_languages_are_mostly_kept_apart() -> None:
    figures = benchmark.judge(sorted(benchmark.lookalikes(), key=lambda report: report.at))
    assert figures.precision >= 0.9
    assert figures.recall >= 0.85


def test_events_of_many_kinds_are_mostly_kept_apart() -> None:
    figures = benchmark.judge(sorted(benchmark.lookalikes("kinds"), key=lambda report: report.at))
    assert figures.precision >= 0.85
    assert figures.recall >= 0.65


@pytest.mark.corpus
def test_real_news_is_told_apart() -> None:
    captures = benchmark.captures()
    if not captures:
        pytest.skip("no corpus: set AGGREGATOR_CORPUS")
    for reports in captures.values():
        figures = benchmark.judge(sorted(reports, key=lambda report: report.at))
        assert figures.f1 >= 0.86
        assert figures.wrong <= 4
        assert figures.missed <= 30


def test_arrival_order_changes_little() -> None:
    reports = sorted(benchmark.lookalikes(), key=lambda report: report.at)
    shuffled = random.Random(4).sample(reports, len(reports))
    assert abs(benchmark.judge(reports).f1 - benchmark.judge(shuffled).f1) < 0.15


def test_decisions_read_back_lead_to_the_same_next_decision() -> None:
    articles = [told_of(number, report) for number, report in enumerate(benchmark.invented(300), 1)]
    index, other = StoryIndex(), StoryIndex()
    for article in articles[:-50]:
        other.remember(article, index.tell(article))
    for article in articles[-50:]:
        decision, again = index.tell(article), other.tell(article)
        # the length of a story's words is taken anew at other moments, so scores may differ a little
        assert (again.story_id, again.text_id, again.tie) == (
            decision.story_id,
            decision.text_id,
            decision.tie,
        )
        assert again.score == pytest.approx(decision.score, abs=0.02)


def test_a_story_drawn_anew_is_the_story_that_was_kept() -> None:
    articles = [told_of(number, report) for number, report in enumerate(benchmark.invented(400), 1)]
    again = [replace(article, article_id=1000 + number) for number, article in enumerate(articles)]
    keeping, forgetting = StoryIndex(), StoryIndex()
    for article in articles + again:
        forgetting.forget_portraits()
        assert forgetting.tell(article) == keeping.tell(article)


def test_a_story_decides_the_same_when_few_are_kept_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [told_of(number, report) for number, report in enumerate(benchmark.invented(400), 1)]
    keeping, forgetting = StoryIndex(), StoryIndex()
    kept = [keeping.tell(article) for article in articles]
    monkeypatch.setattr("aggregator.curate.stories.index._PORTRAITS", 3)
    assert [forgetting.tell(article) for article in articles] == kept


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.curate.stories.index._STORIES", 100)
    index = StoryIndex()
    for _ in group_articles(benchmark.invented(600), index):
        assert len(index) <= 100


@given(st.text(max_size=80), st.text(max_size=400))
def test_any_text_has_a_sketch_that_survives_storing(title: str, text: str) -> None:
    sketch = sketch_of(title, text)
    assert load_sketch(dump_sketch(sketch)) == sketch


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.paper.example/a/?utm_source=x&id=3#top", "paper.example/a?id=3"),
        ("http://amp.paper.example/a/amp", "paper.example/a"),
        ("https://m.news.paper.example/a/index.html", "news.paper.example/a"),
        ("https://PAPER.example./a;b", "paper.example/a;b"),
        ("https://ann@paper.example:443/a", "paper.example/a"),
        ("https://paper.example/", None),
        ("https://paper.example/caf%c3%a9/%7Eann", "paper.example/caf%C3%A9/~ann"),
        ("https://Bücher.example/café/~ann", "xn--bcher-kva.example/caf%C3%A9/~ann"),
        ("https://wiki.example/index.php?Bridge&utm_source", "wiki.example/index.php?Bridge="),
        ("https://[broken", None),
        (None, None),
        ("http://127.0.0.1:8899/courier/a", "127.0.0.1:8899/courier/a"),
    ],
)
def test_canonical_link(url: str | None, canonical: str | None) -> None:
    assert canonical_link(url) == canonical


@pytest.mark.parametrize(
    ("url", "name", "outlet"),
    [
        ("https://feeds.news.paper.co.uk/rss", "Paper News", "paper.co.uk"),
        ("https://sport.paper.co.uk/", "Paper Sport", "paper.co.uk"),
        ("https://anna.github.io/feed", "Anna", "anna.github.io"),
        ("http://127.0.0.1:8899/courier/news.xml", "The Courier", "the courier"),
        ("http://wiki.internal/feed", "Wiki", "wiki"),
    ],
)
def test_outlet(url: str, name: str, outlet: str) -> None:
    assert outlet_of(url, name) == outlet
