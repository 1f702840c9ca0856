"""Which documents a query matches, and the reason it gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.errors import QueryError
from aggregator.model import Category, Enclosure, Entry, Person, Source, SourceCard
from aggregator.query.document import Document
from aggregator.query.glossary import Glossary
from aggregator.query.match import compile_query
from aggregator.query.nodes import describe, uses_clock
from aggregator.query.parse import parse_query
from aggregator.query.rulebook import compile_rulebook
from aggregator.query.terms import required_terms

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SOURCE = Source(url="https://feeds.example.org/", name="The Daily Café", id="cafe", tags=("uk", "eu-north"))
ENTRY = Entry(
    title="Lender raises mortgage rates",
    link="https://www.news.example.org/Money/rates?page=1",
    summary="<p>King’s Road agents <b>sur</b>prised</p>",
    content="<p>The Bank of</p><p>England said covid-19 is over.</p>日本の経済 हिन्दी<script>secret</script>",
    authors=(Person(name="Ann O'Hara"), Person(name="Bo", email="bo@example.org")),
    categories=(Category(term="Personal finance"), Category(term="x17", label="Homes")),
    enclosures=(Enclosure(url="https://example.org/a.mp3", type="audio/mpeg"),),
    language="en-GB",
    published=datetime(2026, 3, 9, 12, tzinfo=UTC),
    words=400,
)
BARE = Document(Entry(), Source(url="http://x/"))
DOCUMENT = Document(ENTRY, SOURCE, ("economy",), slug="daily-cafe", date=ENTRY.published)

MATCHES = {
    "": "everything",
    "mortgage": "title: mortgage",
    "MORTGAGE rates": "title: MORTGAGE, title: rates",
    "mort*": "title: mort*",
    "nothing OR england": "text: england",
    '"bank of england"': 'text: "bank of england"',
    '"raises mortgage"': 'title: "raises mortgage"',
    "surprised": "text: surprised",
    "king": "text: king",
    "king's": "text: king's",
    '"kings road" OR "king s road"': 'text: "king s road"',
    "covid": "text: covid",
    "covid-1*": "text: covid-1*",
    "経済": "text: 経済",
    "本の経*": "text: 本の経*",
    "हिन्दी": "text: हिन्दी",
    "-sport": "NOT sport",
    "tag:uk -sport": "tag: uk",
    "tag:eu-*": "tag: eu-*",
    "source:cafe": "source: cafe",
    'source:"the daily cafe"': "source: the-daily-cafe",
    "source:daily-cafe": "source: daily-cafe",
    "topic:economy": "topic: economy",
    "title:rates": "title: rates",
    "author:o'hara": "author: o'hara",
    "author:bo@example.org": "author: bo@example.org",
    "category:finance": "category: finance",
    "category:homes": "category: homes",
    "url:money/rates": "url: money/rates",
    'url:"page=1"': "url: page=1",
    "site:example.org": "site: example.org",
    "site:news.example.org": "site: news.example.org",
    "site:exam*": "site: exam*",
    "lang:e*": "lang: e*",
    "lang:en": "lang: en",
    "lang:en-gb": "lang: en-gb",
    "lang:en_GB": "lang: en-gb",
    "has:audio": "has: audio",
    "has:content has:date": "has: content, has: date",
    "type:podcast": "type: podcast",
    "type:audio": "type: audio",
    "type:audio/mpeg": "type: audio/mpeg",
    "type:audio/*": "type: audio/*",
    "words:>399": "words: 400",
    "words:[300 TO 400]": "words: 400",
    "published:2026-03": "published: 2026-03",
    "published:[2026-03-09 TO 2026-03-09]": "published: [2026-03-09 TO 2026-03-09]",
    "age:<2d": "age: <2d",
    "age:[1d TO *]": "age: >=1d",
    "-age:<1d": "NOT age: <1d",
    "picked:false": "picked: false",
    "/MORT\\w+ rates/": "title: /MORT\\w+ rates/",
    "author:/^ann/": "author: /^ann/",
    "url:/rates\\?page=[0-9]$/": "url: /rates\\?page=[0-9]$/",
    "author:*": "author: *",
}

MISSES = [
    "mortgages",
    "mort",
    "secret",
    "title:england",
    '"rates king"',
    "author:mortgage",
    '"o\'hara bo"',
    'category:"finance x17"',
    "済経",
    "tag:eu",
    "source:daily",
    "topic:crime",
    "site:ample.org",
    "site:www.example.org AND sport",
    "lang:e",
    "site:ample*",
    "lang:n*",
    "has:video",
    "type:article",
    "words:{300 TO 400}",
    "published:<2026-03-09",
    "published:>2026-03-09",
    "age:>1d",
    "picked:true",
    "title:/england/",
    "-mortgage",
    "-(sport OR mortgage)",
]


@pytest.mark.parametrize("text", MATCHES)
def test_match_gives_the_reason(text: str) -> None:
    assert compile_query(parse_query(text))(DOCUMENT, NOW) == MATCHES[text]


@pytest.mark.parametrize("text", MISSES)
def test_no_match(text: str) -> None:
    assert compile_query(parse_query(text))(DOCUMENT, NOW) is None


@pytest.mark.parametrize("text", ["age:<1h", "age:>1y", "-age:<1y", "-(mortgage age:<1y)", "NOT NOT age:<1h"])
def test_without_a_clock_age_may_still_hold(text: str) -> None:
    assert compile_query(parse_query(text))(DOCUMENT) is not None
    assert uses_clock(parse_query(text))


def test_undated_articles_are_in_no_period() -> None:
    document = Document(replace(ENTRY, published=None), SOURCE, date=NOW - timedelta(hours=1))
    assert compile_query(parse_query("published:*"))(document) is None
    assert compile_query(parse_query("age:<2h"))(document, NOW) == "age: <2h"


def test_source_without_name_and_id_goes_by_its_host() -> None:
    source = Source(url="https://www.paper.example/feed")
    document = Document(ENTRY, source, slug="paper-example-2")
    assert compile_query(parse_query("source:paper.example"))(document) is not None
    assert compile_query(parse_query("source:paper-example-2"))(document) is not None
    assert compile_query(parse_query("source:feeds.example.org"))(DOCUMENT) is None


def test_language_configured_for_a_source_wins_over_what_its_feed_says() -> None:
    welsh = compile_query(parse_query("lang:cy"))
    assert welsh(Document(ENTRY, replace(SOURCE, language="cy"))) == "lang: cy"
    card = SourceCard(id=1, slug="cafe", name="C", url="https://c.example/", language="cy")
    assert welsh(Document(ENTRY, card)) is None
    assert welsh(Document(replace(ENTRY, language=None), card)) == "lang: cy"


def test_words_of_labelled_copy_are_the_same() -> None:
    copy = DOCUMENT.labelled(["crime"])
    assert compile_query(parse_query("mortgage topic:crime"))(copy) is not None
    assert compile_query(parse_query("topic:crime"))(DOCUMENT) is None


def test_rule_sets_stand_for_their_query() -> None:
    rules = {"no-sport": parse_query("-football"), "clean": parse_query("rule:no-sport -ads")}
    expand = Glossary(rules).expand
    assert compile_query(expand(parse_query("rule:clean mortgage")))(DOCUMENT) == "title: mortgage"
    assert compile_query(expand(parse_query("-rule:clean")))(DOCUMENT) is None


def test_unknown_and_circular_rule_sets_are_refused() -> None:
    with pytest.raises(QueryError, match='no rule set "x"'):
        compile_query(parse_query("rule:x"))
    with pytest.raises(QueryError, match='no rule set "x"'):
        Glossary().expand(parse_query("rule:x"))
    rules = {"a": parse_query("rule:b"), "b": parse_query("-rule:a")}
    with pytest.raises(QueryError, match="a -> b -> a"):
        Glossary(rules).expand(parse_query("rule:a"))


@pytest.mark.parametrize(
    "asked", ["bücher.example", "BU\u0308CHER.example", "xn--bcher-kva.example", "büch*"]
)
@pytest.mark.parametrize("host", ["bücher.example", "www.Xn--Bcher-Kva.example", "shop.bücher.example."])
def test_a_host_is_the_same_in_letters_and_in_punycode(asked: str, host: str) -> None:
    document = Document(Entry(link=f"https://{host}/a"), SOURCE)
    query = parse_query(f"site:{asked}")
    assert compile_query(query)(document) is not None
    assert compile_rulebook([], [("a", query)]).matches(document)[1]
    assert compile_query(parse_query("site:bucher.example"))(document) is None


def test_a_host_in_punycode_that_is_no_text_stays_as_it_is() -> None:
    assert describe(parse_query("site:xn--a-rc4g.example")) == "site: xn--a-rc4g.example"


REQUIRED = {
    "mort* title:rates tag:uk": "(mort* title:rates)",
    "mort* title:rates -sport -bingo tag:uk": "(mort* title:rates NOT sport NOT bingo)",
    # the index knows words, not where they stand, nor the ends of very long ones
    f'bank -"old news" -title:x -go* -{"z" * 61}': "bank",
    '"bank of england" OR a-b*': '("bank of england" OR a-b*)',
    "(bank -old) OR (author:x rates)": "((bank NOT old) OR rates)",
    "bank OR tag:uk": None,
    "-bank": None,
}


@pytest.mark.parametrize("text", REQUIRED)
def test_required_terms_are_a_superset_a_database_can_ask(text: str) -> None:
    found = required_terms(parse_query(text))
    assert (found and describe(found)) == REQUIRED[text]


def test_empty_document_matches_only_what_asks_nothing() -> None:
    assert compile_query(parse_query(""))(BARE) == "everything"
    assert compile_query(parse_query("a* OR title:* OR has:link OR /b/"))(BARE) is None
