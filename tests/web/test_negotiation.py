"""What an address without a suffix answers with."""

from __future__ import annotations

import pytest

from aggregator.web.negotiation import choose


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "page"),
        ("", "page"),
        ("*/*", "page"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "page"),
        ("application/atom+xml", "atom"),
        ("application/rss+xml, */*;q=0.1", "rss"),
        ("application/feed+json", "json"),
        ("application/json", "json"),
        ("application/atom+xml;q=0.5, text/html", "page"),
        ("application/atom+xml, text/html;q=0.5", "atom"),
        ("application/rss+xml;q=0.8, application/atom+xml;q=0.9, */*;q=0.1", "atom"),
        ("text/html, application/atom+xml", "page"),
        ("application/atom+xml, text/html", "page"),
        ("application/atom+xml;q=0", "page"),
        ("image/png", "page"),
        ("APPLICATION/ATOM+XML", "atom"),
        (";q=,,", "page"),
    ],
)
def test_only_a_named_feed_type_gets_a_feed(accept, chosen):
    assert choose(accept) == chosen
