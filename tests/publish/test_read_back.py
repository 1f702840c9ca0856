"""A feed reader sees what we have: documents read back give the same ids, titles, links, dates, order."""

from __future__ import annotations

import calendar
import io
import json
from datetime import UTC, datetime, timedelta

import feedparser
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aggregator.model import Category, Enclosure, Person
from aggregator.publish.addresses import FORMATS
from aggregator.publish.render import render
from aggregator.publish.whole import items_of
from tests.publish.editions import edition, item
from tests.publish.validity import check

hostile = st.text(max_size=40) | st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "&amp;",
        "<script>alert(1)</script>",
        "]]>",
        "<![CDATA[",
        "a\u2028b",
        "\u202eevil",
        "0",
    ]
)
html = hostile.map(lambda text: f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>") | st.just("")
addresses = st.one_of(
    st.none(),
    st.integers(0, 9).map(lambda n: f"https://herald.example/ä/{n}?a=1&b=%20#x"),
    hostile,
)
moments = st.integers(800_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
entries = st.fixed_dictionaries(
    {
        "title": hostile,
        "link": addresses,
        "authors": st.lists(st.builds(Person, hostile, st.none() | hostile, addresses), max_size=2).map(
            tuple
        ),
        "published": st.none() | moments,
        "updated": st.none() | moments,
        "summary": html,
        "content": html,
        "categories": st.lists(st.builds(Category, hostile, st.none() | hostile), max_size=2).map(tuple),
        "enclosures": st.lists(
            st.builds(
                Enclosure, addresses.map(str), st.none() | hostile, st.none() | st.integers(-1, 10**12)
            ),
            max_size=3,
        ).map(tuple),
        "image": addresses,
        "language": st.none() | hostile,
        "rights": st.none() | hostile,
        "comments": addresses,
    }
)
editions = st.lists(entries, max_size=6).map(
    lambda made: edition(*(item(number, **fields) for number, fields in enumerate(made, 1)))
)


@given(editions)
@settings(
    max_examples=40, deadline=timedelta(seconds=5), phases=(Phase.explicit, Phase.reuse, Phase.generate)
)
def test_every_document_is_valid_and_reads_back_the_same(made):
    items = items_of(made)
    assert len(items) == len(made.items)
    for suffix in FORMATS:
        rendered = render(made, suffix)
        assert check(rendered.body, rendered.media_type) == []
        title = str if suffix == "json" else _as_feedparser_has_it
        assert _read(rendered.body, suffix) == [
            (one.id, title(one.title), one.link, one.published.replace(microsecond=0)) for one in items
        ]


def _read(body, suffix):
    if suffix == "json":
        return [
            (one["id"], one["title"], one["url"], datetime.fromisoformat(one["date_published"]))
            for one in json.loads(body)["items"]
        ]
    parsed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo
    return [
        (one.id, " ".join(one.title.split()), one.link, _moment(one.published_parsed))
        for one in parsed.entries
    ]


def _as_feedparser_has_it(title):
    """feedparser takes Latin-1 text whose bytes are UTF-8 for a mistake of ours and decodes it again."""
    try:
        return title.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return title


def _moment(parsed):
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
