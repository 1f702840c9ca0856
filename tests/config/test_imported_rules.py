"""Filters, folders and pages of other programs mean the same here, shown on articles."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from aggregator.config.imports.conditions import pattern_in
from aggregator.config.imports.freshrss import query_of
from aggregator.config.imports.xpath import css_of
from aggregator.curate.topics import compile_rules, place
from aggregator.model import Admission, Category, Configuration, Entry, Person, Source
from aggregator.query.document import Document
from aggregator.query.match import compile_query
from aggregator.query.parse import parse_query
from tests.config.test_imports import imported

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOURCE = Source(url="https://h.example/feed")


def entry(title: str, by: str = "Ann", about: str = "", **said: Any) -> Entry:
    """An entry by its title, its author and one category."""
    categories = (Category(about),) if about else ()
    return Entry(title=title, key=title, id=title, authors=(Person(by),), categories=categories, **said)


def feeds_of(configuration: Configuration, url: str, given: Entry) -> set[str]:
    """The feeds that an entry of the source at *url* goes out in."""
    source = next(each for each in configuration.sources if each.url == url)
    admission = Admission(
        source_id=1, entry=given, article_id=None, published_id="1", first_seen=NOW, sort_date=NOW
    )
    slug = (source.name or url.split("/")[2]).lower().replace(" ", "-")
    placed = place(admission, compile_rules(configuration), source, slug)
    return {target.slug for target in placed.targets if target.kind == "feed"}


RULES = """<opml version="2.0"><body><outline text="News">
 <outline text="Harbour" xmlUrl="https://h.example/feed" blocklistRules="ADVERT|Sponsored"
   blockFilterEntryRules="EntryTitle=^Quiz&#xA;EntryContent=(?i)buy&#xA;EntryTag=Sport&#xA;EntryCommentsURL=x"
   keepFilterEntryRules="EntryAuthor=Ann&#xA;EntryDate=after:2026-02-01"/>
 <outline text="Other" xmlUrl="https://o.example/feed"/>
</outline><outline text="Fun"><outline text="Fun" xmlUrl="https://f.example/feed"/></outline></body></opml>"""


def test_rules_of_miniflux_leave_out_and_keep_what_they_did_there(tmp_path: Path) -> None:
    configuration, text, lost = imported(tmp_path, RULES)
    url = "https://h.example/feed"

    def out(title: str, **said: Any) -> bool:
        return "everything" in feeds_of(configuration, url, entry(title, **said))

    assert out("Ferry back in service")
    assert not out("ADVERTISEMENT of the day")
    assert not out("Sponsored talk")
    assert out("It was sponsored by nobody"), "capitals are told apart where the pattern does"
    assert not out("Quiz of the week")
    assert out("A Quiz")
    assert not out("Ferry", summary="Buy now!")
    assert not out("Ferry", about="Water Sport")
    assert not out("Ferry", by="Bob")
    assert out("Ferry", by="Bob", published=NOW)
    assert "everything" in feeds_of(configuration, "https://o.example/feed", entry("Advert"))
    assert any("EntryCommentsURL=x" in sentence for sentence in lost)
    assert "1 with filters" in text


def test_each_folder_becomes_a_feed_that_its_filters_hold_for(tmp_path: Path) -> None:
    configuration, _, _ = imported(tmp_path, RULES)
    assert [feed.slug for feed in configuration.feeds] == ["everything", "news"]
    assert feeds_of(configuration, "https://o.example/feed", entry("Any")) == {"everything", "news"}
    assert feeds_of(configuration, "https://f.example/feed", entry("Any")) == {"everything"}
    assert feeds_of(configuration, "https://h.example/feed", entry("Quiz")) == set()


def test_the_feeds_of_miniflux_as_json_say_the_same_as_its_opml(tmp_path: Path) -> None:
    feeds = [
        {
            "feed_url": "https://h.example/feed",
            "title": "Harbour",
            "category": {"id": 1, "title": "News"},
            "crawler": True,
            "scraper_rules": "article.text, #story",
            "ignore_http_cache": True,
            "username": "ann",
            "password": "secret",
            "block_filter_entry_rules": "EntryTitle=^Quiz",
            "urlrewrite_rules": "rewrite(x)",
            "disabled": False,
        },
        {"feed_url": "https://o.example/feed", "title": "Other", "category": None},
        {"feed_url": "https://off.example/feed", "title": "Off", "disabled": True},
    ]
    configuration, _, lost = imported(tmp_path, json.dumps(feeds), "feeds.json")
    harbour, other = configuration.sources
    assert (harbour.name, harbour.tags, harbour.conditional) == ("Harbour", ("news",), False)
    assert (harbour.full_text, harbour.text) == (True, ("article.text, #story",))
    assert harbour.auth == "ann:secret"
    assert other.name == "Other"
    assert feeds_of(configuration, harbour.url, entry("Quiz")) == set()
    assert feeds_of(configuration, harbour.url, entry("News")) == {"everything", "news"}
    said = "\n".join(lost)
    assert "switched off" in said
    assert "rewrite rules of addresses" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("search", "found", "missed"),
    [
        ("intitle:advert", "An ADVERTISEMENT", "A ferry"),
        ("intitle:⚡️ OR intitle:🔥", "Now 🔥 hot", "Now cold"),
        ("ferry storm OR quay", "The storm and the ferry", "The storm"),
        ('"buy now" -intitle:ferry', "Buy now!", "Buy now: a ferry"),
        ("!(intitle:ferry OR intitle:quay)", "A storm", "The quay"),
        (r"intitle:/^Quiz\b/", "Quiz time", "quiz time"),
        ("intitle:/^quiz/i author:ann", "QUIZ", "A quiz"),
        ("#Sport", "tagged", "untagged"),
        ("inurl:/shop/", "shop", "news"),
    ],
)
def test_searches_of_freshrss_find_the_same_here(search: str, found: str, missed: str) -> None:
    query = query_of(search)
    assert query
    test = compile_query(parse_query(query))
    for title, is_found in ((found, True), (missed, False)):
        given = entry(title, about="sport" * (title == "tagged"), link=f"https://h.example/{title}/1")
        assert bool(test(Document(given, SOURCE), NOW)) is is_found, query


@pytest.mark.parametrize("search", ["date:2024", "f:12", "L:label", "(a OR b", "OR", "a)", "S:1 x"])
def test_a_search_without_counterpart_is_not_half_taken(search: str) -> None:
    assert query_of(search) is None


FRESHRSS = """<opml version="2.0" xmlns:frss="https://freshrss.org/opml"><body>
 <outline text="F" xmlUrl="https://f.example/feed" frss:ttl="7200"
          frss:filtersActionRead="intitle:advert&#10;f:7"/>
 <outline text="P" type="HTML+XPath" xmlUrl="https://p.example/" frss:xPathItem="//div[@class='news']"
          frss:xPathItemTitle="descendant::h2" frss:xPathItemUri="descendant::a[1]/@href"
          frss:xPathItemContent="."/>
 <outline text="Q" type="HTML+XPath" xmlUrl="https://q.example/" frss:xPathItem="//a/ancestor::article"/>
 <outline text="Muted" xmlUrl="https://m.example/feed" frss:ttl="-3600"/>
</body></opml>"""


def test_filters_pages_and_times_of_freshrss_are_taken_over(tmp_path: Path) -> None:
    configuration, _, lost = imported(tmp_path, FRESHRSS)
    feed, page, other = configuration.sources
    assert feed.every_s == 7200
    assert feeds_of(configuration, feed.url, entry("Advertisement")) == set()
    assert feeds_of(configuration, feed.url, entry("Ferry")) == {"everything"}
    assert (page.kind, page.items) == ("page", ('div[class="news"]',))
    assert dict(page.fields) == {"title": ("h2",), "link": ("a:nth-of-type(1)@href",), "content": (".",)}
    assert (other.kind, other.items) == ("page", ())
    said = "\n".join(lost)
    assert all(part in said for part in ("f:7", "XPath that has no counterpart", "switched off"))


@pytest.mark.parametrize(
    ("xpath", "css"),
    [
        ("//article", "article"),
        ("//main/div[contains(@class, 'item')]", 'main > div[class*="item"]'),
        (".//a[@href]/@title", "a[href]@title"),
        (".", "."),
        ("./@data-id", ".@data-id"),
        ("descendant::p[2]/text()", "p:nth-of-type(2)"),
        ("//a/ancestor::article", None),
        ("'Anonymous'", None),
        ("//a[position() < 3]", None),
    ],
)
def test_simple_xpath_is_said_in_css(xpath: str, css: str | None) -> None:
    assert css_of(xpath) == css


def test_a_pattern_that_is_too_long_is_taken_apart_where_it_may_be() -> None:
    words = [f"harbour{number}word" for number in range(40)]
    query = pattern_in(["title"], f"(?i)({'|'.join(words)})")
    assert query
    test = compile_query(parse_query(query))
    assert all(test(Document(entry(word.upper()), SOURCE), NOW) for word in words)
    assert not test(Document(entry("harbour"), SOURCE), NOW)
    assert pattern_in(["title"], "x" * 300) is None


def test_more_filters_than_one_query_holds_are_rule_sets(tmp_path: Path) -> None:
    outlines = "".join(
        f'<outline text="Paper {n}" xmlUrl="https://p{n}.example/feed"'
        f' blockFilterEntryRules="EntryTitle=(?i)shopping{n}|bargain{n}"/>'
        for n in range(60)
    )
    configuration, text, lost = imported(tmp_path, f"<opml><body>{outlines}</body></opml>")
    assert "rule:filters-4" in text
    assert lost == ()
    for number in (0, 59):
        url = f"https://p{number}.example/feed"
        assert feeds_of(configuration, url, entry(f"Bargain{number}")) == set()
        assert feeds_of(configuration, url, entry("Bargain7")) == {"everything"}


ODD = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1" xmlns="http://opml.org/spec2" xmlns:fz="urn:forumzilla:">
<head><title>Mine</title></head><body>
 <outline text="Harbour"><outline type="rss" title="Harbour" text="Harbour" xmlUrl="http://h.example/feed/"
   fz:options='{"check":{"enabled":true}}'/></outline>
 <outline text="Sleepy"><outline title="Sleepy" xmlUrl="http://s.example/feed"
   fz:options='{"check":{"enabled":false}}'/></outline>
 <outline text="Harbour again" xmlUrl="https://H.example/feed" category="/sea"/>
 <outline text="Tom &amp;amp; Ann" xmlUrl="http://t.example/?a=1&amp;amp;b=2"/>
 <outline text="Page" type="rss" xmlUrl="" htmlUrl="https://page.example/"/>
 <outline text="Friends" type="include" url="https://friends.example/list.opml"/>
 <outline text="Gone" isComment="true"><outline text="x" xmlUrl="https://gone.example/"/></outline>
 <outline text="tt-rss-filters"><outline filter-type="2">{}</outline></outline>
 <outline text="Caf\xe9" xmlUrl="https://cafe.example/feed"/>
</body></opml>"""


def test_a_filter_of_a_source_without_a_name_is_not_its_neighbours(tmp_path: Path) -> None:
    listed = """<opml><body><outline xmlUrl="https://h.example/a" blocklistRules="advert"/>
      <outline xmlUrl="https://h.example/b"/></body></opml>"""
    configuration, _, _ = imported(tmp_path, listed)
    assert not feeds_of(configuration, "https://h.example/a", entry("An advert"))
    assert feeds_of(configuration, "https://h.example/b", entry("An advert"))


@pytest.mark.parametrize(
    "rules",
    [
        {"frss:filtersActionRead": "(" * 20_000 + "a" + ")" * 20_000},
        {"blocklistRules": "(" * 3000 + "a|b" + ")" * 3000},
    ],
)
def test_rules_without_bottom_are_told(rules: dict[str, str], tmp_path: Path) -> None:
    ((name, value),) = rules.items()
    outline = f'<outline text="A" xmlUrl="https://a.example/f" {name}="{value}"/>'
    listed = f'<opml xmlns:frss="https://freshrss.org/opml"><body>{outline}</body></opml>'
    _, _, lost = imported(tmp_path, listed)
    assert any("cannot be written as a query" in sentence for sentence in lost)


@pytest.mark.parametrize("name", ["#X", "*x", "&x", "!x", "'x", "%x", "`x", "|"])
def test_any_header_that_may_be_sent_is_written(name: str, tmp_path: Path) -> None:
    outline = f'<outline text="A" xmlUrl="https://a.example/f" frss:CURLOPT_HTTPHEADER="{escape(name)}: 1"/>'
    listed = f'<opml xmlns:frss="https://freshrss.org/opml"><body>{outline}</body></opml>'
    configuration, _, _ = imported(tmp_path, listed)
    assert configuration.sources[0].headers == ((name, "1"),)


def test_the_oddities_of_many_readers_lose_no_feed(tmp_path: Path) -> None:
    configuration, _, lost = imported(tmp_path, ODD.encode("latin-1"))
    assert [(each.url, each.name, each.tags) for each in configuration.sources] == [
        ("https://H.example/feed", "Harbour", ("sea",)),
        ("http://t.example/?a=1&b=2", "Tom & Ann", ()),
        ("https://page.example/", "Page", ()),
        ("https://cafe.example/feed", "Café", ()),
    ]
    assert [each.place for each in configuration.lists] == ["https://friends.example/list.opml"]
    assert [feed.slug for feed in configuration.feeds] == ["everything"], "a folder of one feed is none"
    said = "\n".join(lost)
    assert "the same feed as http://h.example/feed/" in said
    assert all(part in said for part in ("switched off", "Tiny Tiny RSS", "page they belong to"))


FUNNEL = r"""
auth: {username: a, password: b}
endpoints:
  - path: /hackers.xml
    note: Hackers in full
    source: https://hn.example/rss
    client: {user_agent: Mine/1, timeout: 20s}
    filters:
      - keep_only: [rust, c++]
      - full_text: {simplify: true}
      - merge:
          source: [https://lobsters.example/rss, https://tildes.example/rss]
          filters:
            - discard: {matches: '^Ask', field: title, case_sensitive: true}
      - discard: {contains: advert}
      - sanitize: [{remove: (sponsored)}, {replace_regex: {from: '(\d+) EUR', to: '$1 €'}}]
      - limit: 20
      - js: 'function modify_post(feed, post) {}'
      - js: 'function modify_feed(feed) {}'
  - path: /page.xml
    source: https://page.example/top
    filters: [{split: {title_selector: h2, link_selector: h2 a}}, {remove_element: [iframe]}]
  - path: /any.xml
    filters: []
"""


def test_endpoints_of_rss_funnel_become_feeds_at_their_old_addresses(tmp_path: Path) -> None:
    configuration, _, lost = imported(tmp_path, FUNNEL, "funnel.yaml")
    hackers, page = configuration.feeds
    assert (hackers.title, hackers.aliases, hackers.limit) == ("Hackers in full", ("/hackers.xml",), 20)
    assert (page.slug, page.aliases) == ("page", ("/page.xml",))
    news, lobsters, _, top = configuration.sources
    assert (news.user_agent, news.timeout_s, news.full_text) == ("Mine/1", 20, True)
    assert not lobsters.full_text
    assert (top.kind, top.rewrite and top.rewrite.drop) == ("page", ("iframe",))
    assert news.rewrite
    assert [(each.pattern, each.replacement) for each in news.rewrite.replace_content] == [
        (r"\(sponsored\)", ""),
        (r"(\d+) EUR", r"\1 €"),
    ]
    said = "\n".join(lost)
    assert len({*lost}) == len(lost)
    assert all(part in said for part in ("the filter js", "split", "told its source in the request", "auth"))

    def out(url: str, title: str) -> bool:
        return bool(feeds_of(configuration, url, entry(title)))

    assert out(news.url, "Learning C++")
    assert not out(news.url, "Learning to sail"), "kept are only those with a word"
    assert out(lobsters.url, "Learning to sail"), "what was merged later was not asked for words"
    assert not out(lobsters.url, "Ask anything")
    assert out(lobsters.url, "Do not ask")
    assert out(news.url, "Ask about Rust")
    assert not out(news.url, "Rust, an ADVERTISEMENT")


def test_filters_of_rss_funnel_hold_for_what_was_there_and_as_many_as_one_query_holds(tmp_path: Path) -> None:
    endpoint = {"path": "/late.xml", "filters": [{"keep_only": "word"}, {"merge": "https://a.example/f"}]}
    long = [{"discard": {"contains": [f"number {n} of {m}" for n in range(20)]}} for m in range(5)]
    other = {"path": "/long.xml", "source": "https://b.example/f", "filters": long}
    configuration, _, lost = imported(tmp_path, f"endpoints: {json.dumps([endpoint, other])}")
    assert feeds_of(configuration, "https://a.example/f", entry("None of it")) == {"late"}
    assert feeds_of(configuration, "https://b.example/f", entry("Now")) == {"long"}
    assert not feeds_of(configuration, "https://b.example/f", entry("This is number 3 of 0"))
    assert any("too long for one query" in sentence for sentence in lost)
