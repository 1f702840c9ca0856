"""What a query may say, and how it is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import QueryError
from aggregator.model import Entry, Source
from aggregator.query.document import Document
from aggregator.query.match import compile_query
from aggregator.query.nodes import Node, describe
from aggregator.query.parse import parse_query, references

READINGS = {
    "": "*",
    "   ": "*",
    "*": "*",
    "a b": "(a b)",
    "a AND b": "(a b)",
    "a OR b": "(a OR b)",
    "+a b": "(a b)",
    "-sport": "NOT sport",
    "- sport": "NOT sport",
    "a NOT b": "(a NOT b)",
    "NOT NOT a": "NOT NOT a",
    "-(a OR b) c": "(NOT (a OR b) c)",
    # a blank binds loosest, whatever follows it
    "a b OR c": "(a (b OR c))",
    "a OR b c": "((a OR b) c)",
    "a OR b -c": "((a OR b) NOT c)",
    "a OR b NOT c": "((a OR b) NOT c)",
    "a OR b -c OR d -e": "((a OR b) (NOT c OR d) NOT e)",
    "a AND b OR c": "((a b) OR c)",
    "a AND b -c": "(a b NOT c)",
    'title:"Bank of England"': 'title:"Bank of England"',
    "title:(a OR bank*)": "(title:a OR title:bank*)",
    "“bank of england”": '"bank of england"',
    "title:„bank of england“\u00a0-‟x y‟": '(title:"bank of england" NOT "x y")',
    # so are the dashes that they, and the keyboards of phones, make of a minus
    "economy \u2013sport \u2212(a OR b) \uff0dtag:x": "(economy NOT sport NOT (a OR b) NOT tag: x)",
    "\u2010\u201clow tide\u201d covid\u201119 3\u20135": '(NOT "low tide" covid\u201119 3\u20135)',
    # between plain quotes and in patterns they are what is searched for
    '"\u2013sport" /\u2013x/': '("\u2013sport" /\u2013x/)',
    '"the “big six” firms" -title:/^“/': '("the “big six” firms" NOT title:/^“/)',
    r"a\:b": '"a:b"',
    r"a\*b": '"a*b"',
    r"why\?": '"why?"',
    "covid-19": "covid-19",
    "/mort.*s/": "/mort.*s/",
    r"/a\/b/": r"/a\/b/",
    r'"a \"b\" c"': r'"a \"b\" c"',
    "site:bbc*": "site: bbc*",
    "title:/x|y/": "title:/x|y/",
    "words:[300 TO *]": "words: >=300",
    "words:{300 TO 500]": "words: {300 TO 500]",
    "words:>300": "words: >300",
    "words:300": "words: 300",
    "age:<2d": "age: <2d",
    "age:[* TO 12h]": "age: <=12h",
    "published:2026-12": "published: 2026-12",
    "published:[2026-01-01 TO *]": "published: >=2026-01-01",
    "published:<2026-01-01T10:00:00Z": "published: <2026-01-01T10:00:00Z",
    "picked:true": "picked: true",
    "picked:no": "picked: false",
    "rule:no-sport": "rule: no-sport",
    "author:*": "author: *",
    'source:"BBC News UK"': "source: bbc-news-uk",
    "tag:UK": "tag: uk",
    "tag:uk-*": "tag: uk-*",
    "type:audio/*": "type: audio/*",
    "site:www.Example.org": "site: example.org",
    "a TO b": "(a TO b)",
    "what?": "what?",
}

REFUSALS = {
    "budget and treasury": ("write AND in capitals", 7),
    "a or b": ("write OR in capitals", 2),
    "not a": ("write NOT in capitals", 0),
    "a && b": ("write AND instead of &&", 2),
    "!a": ("write -a or NOT a", 0),
    "foo^2": ("boosting", 3),
    "foo~": ("fuzzy and proximity", 3),
    '"foo bar"~3': ("proximity", 9),
    "a (b": ("( is never closed", 2),
    "a) b": (") has no partner", 1),
    "words:[3 TO 4)": (") has no partner", 13),
    'a "bc': ('the quote " is never closed', 2),
    "/abc": ("the slash / is never closed", 0),
    "/a(b/": ("missing )", 0),
    "//": ("the pattern // is empty", 0),
    "/(?=a)/": ("cannot be used", 0),
    "title:": ("title: needs a value", 5),
    "title: a": ("title: needs a value", 5),
    "title :a": ("a : needs a field", 6),
    "titel:abc": ("did you mean title?", 0),
    "foo:bar": ('quote it: "foo:bar"', 0),
    "https://example.org/x": ('quote it: "https://example.org/x"', 0),
    "a (https://example.org/x)": ('quote it: "https://example.org/x"', 3),
    "Note: this": ('there is no field "Note"', 0),
    "title:foo:bar": ('quote it: "foo:bar"', 6),
    "title:(source:x)": ("source: cannot stand inside title:", 7),
    "mo*rt": ("only at the end of a word", 0),
    "*rt": ("only at the end of a word", 0),
    "wom?n": ("no wildcard", 0),
    "a AND": ("something is missing after AND", 5),
    "OR a": ("OR cannot stand", 0),
    "a ()": (") cannot stand", 3),
    "a && b ": ("instead", 2),
    "age:2d": ("age:<2d is younger", 4),
    "age:<2x": ("no age", 4),
    "age:*": ("takes no *", 4),
    "words:many": ("no number", 6),
    "words:[3 TO 2]": ("is empty", 6),
    "published:2026-13-01": ("no date", 10),
    "published:20260301": ("no date", 10),
    "published:2026-W10": ("no date", 10),
    "published:2026-03-01T12": ("no date", 10),
    "published:[2026-02 TO 2026-01]": ("no moment", 10),
    "[a TO b]": ("needs a field", 0),
    "title:[a TO b]": ("only words:, published: and age:", 6),
    "has:picture": ("has: does not know", 4),
    "type:audi": ("did you mean audio?", 5),
    "picked:maybe": ("true or false", 7),
    "words:-5": ("nothing below", 6),
    "words:[3 to 4]": ("write TO in capitals", 9),
    "words:[5]": ("a range has two ends", 8),
    "/x/i": ("no letters behind it", 3),
    "'tis": ("cannot begin a word", 0),
    '"---"': ("nothing to search for", 0),
    "a \x00": ("no text", 2),
    "a \ud800": ("no text", 2),
    "  a AND": ("missing after AND", 7),
    "   words:many": ("no number", 9),
    "-" * 30 + "a": ("more than 20 deep", 20),
    "(" * 25 + "a" + ")" * 25: ("more than 20 deep", 20),
    "x " * 101: ("more than 100 terms", 200),
    "x" * 1001: ("longer than 1000", 1000),
    "/" + "a" * 300 + "/": ("longer than 200", 0),
    "/((\\pL{9}){9}){9}/": ("cannot be used", 0),
}


@pytest.mark.parametrize("text", READINGS)
def test_query_is_read_as(text: str) -> None:
    assert describe(parse_query(text)) == READINGS[text]


@pytest.mark.parametrize("text", REFUSALS)
def test_query_is_refused_with_the_fix_and_the_place(text: str) -> None:
    words, position = REFUSALS[text]
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert words in caught.value.message
    assert caught.value.position == position


def test_limits_are_reached_not_passed() -> None:
    parse_query("x " * 100)
    parse_query("title:x " * 100)
    parse_query("(" * 20 + "a" + ")" * 20)
    parse_query("x" * 1000)


def test_references_name_what_configuration_must_know() -> None:
    query = parse_query('source:"BBC News" (tag:UK OR tag:eu-*) -topic:sport rule:no-ads bank')
    assert references(query) == {
        ("source", "bbc-news"),
        ("tag", "uk"),
        ("topic", "sport"),
        ("rule", "no-ads"),
    }


PIECES = st.sampled_from(
    (
        *"()[]{}<>:+-^~\"'/\\*?!&|. \t\x00\ud800é経a",
        *("AND", "OR", "NOT", "TO", " AND ", " OR ", " -", "bank", "title:", "words:", "age:", "has:"),
        *("published:", "2d", "2026-01", "[1 TO 2]", ">=3", '"x y"', "/a+/"),
    )
)


def read(text: str) -> Node | QueryError:
    try:
        return parse_query(text)
    except QueryError as error:
        return error


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    query = read(text)
    if isinstance(query, QueryError):
        assert query.message
        assert query.position is None or 0 <= query.position <= len(text)
    else:
        assert describe(query)
        compile_query(query)(Document(Entry(title="bank a"), Source(url="http://x/")))


@given(st.text(max_size=40))
def test_a_quoted_text_is_searched_for_as_it_is(text: str) -> None:
    quoted = '"' + text.replace("\\", " ").replace('"', " ") + '"'
    query = read(quoted)
    if isinstance(query, QueryError):
        assert "nothing to search for" in query.message or "no text" in query.message
    else:
        assert compile_query(query)(Document(Entry(title=text), Source(url="http://x/"))) is not None


def test_queries_are_read_by_many_threads_at_once() -> None:
    def one(number: int) -> str:
        with pytest.raises(QueryError, match="missing after AND"):
            parse_query(f"a{number} AND")
        return describe(parse_query(f"a{number} OR (b c) -d{number}"))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, range(200)))
    assert found == [f"((a{number} OR (b c)) NOT d{number})" for number in range(200)]
