"""What is read is the same with and without the shortcuts past feedparser's own methods."""

from __future__ import annotations

from collections.abc import Iterator

import feedparser.api
import pytest
from feedparser.util import FeedParserDict

from aggregator.errors import ParseError
from aggregator.parse import xmlfeed
from aggregator.parse.charsets import to_text
from aggregator.parse.rawvalues import EntryValues
from aggregator.parse.repair import fix_characters, strip_prolog
from aggregator.parse.vocabulary import Vocabulary
from benchmarks.corpus import mutated
from tests.corpus import CORPUS
from tests.running import ROOT

#: of the foreign documents, so that the comparison takes a second
EVERY = 8


class _Unshortened(Vocabulary, feedparser.api.StrictFeedParser):  # type: ignore[misc]
    _matchnamespaces = xmlfeed._Strict._matchnamespaces
    can_be_relative_uri = xmlfeed._Strict.can_be_relative_uri


def documents() -> Iterator[bytes]:
    own = sorted((ROOT / "tests/data/feeds").glob("*"))
    foreign = sorted(path for path in CORPUS.rglob("*") if path.is_file())[::EVERY]
    for path in [*own, *foreign]:
        yield path.read_bytes()
    if CORPUS.is_dir():
        yield from (body for _, body in mutated(CORPUS, 300, seed=5))


def raw(body: bytes) -> object:
    try:
        return xmlfeed.read_xml(fix_characters(strip_prolog(to_text(body, {})[0])))
    except ParseError as error:
        return str(error)


def test_shortcuts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = list(documents())
    shortened = [raw(body) for body in bodies]
    monkeypatch.setattr(xmlfeed, "_Strict", _Unshortened)
    for body, found in zip(bodies, shortened, strict=True):
        assert found == raw(body), body[:2000]


@pytest.mark.parametrize(
    "inner",
    [
        "<title>A &amp;lt;b&amp;gt; and &#146;quoted&#146; caf\u00c3\u00a9</title>",
        "<title type='html'>&lt;b&gt;bold&lt;/b&gt;</title><description><p>naked</p> markup</description>",
        "<link>http:////site.example/?a=1&amp;amp;copy=2</link><link href='/x' rel='SELF' type='TEXT/HTML'/>",
        "<odd a='1'/><odd><odd>x</odd></odd><category/><category domain='d'>c</category><guid>g</guid>",
        "<title>one</title><image><title>two</title><url>u</url></image><source url='s'>t</source>",
        "<description>a</description><description>b</description><media:group xmlns:media="
        "'http://search.yahoo.com/mrss/'><media:title>m</media:title></media:group>",
        "<body xmlns='http://www.w3.org/1999/xhtml'><p lang='fr'>x<svg>y</svg></p></body><title>t</title>",
    ],
)
@pytest.mark.parametrize("base", ["", " xml:base='http://base.example/a/../b/' xml:lang='de'"])
def test_odd_elements_are_read_as_feedparser_reads_them(
    inner: str, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = f"<rss version='2.0'{base}><channel><title>t</title><item>{inner}</item></channel></rss>".encode()
    shortened = raw(body)
    monkeypatch.setattr(xmlfeed, "_Strict", _Unshortened)
    assert shortened == raw(body)


def test_values_of_an_entry_are_kept_under_the_names_that_feedparser_keeps_them_under() -> None:
    ours, theirs = EntryValues(), FeedParserDict()
    for name in [*FeedParserDict.keymap, "title", "slash_comments"]:
        ours[name] = theirs[name] = f"of {name}"
        assert ours == dict(theirs)
