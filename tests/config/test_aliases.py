"""Old paths of feeds, and the other settings of what is published."""

from __future__ import annotations

import pytest

from aggregator.config.load import load_configuration
from aggregator.errors import ConfigurationError


def load(tmp_path, text):
    path = tmp_path / "aggregator.yaml"
    path.write_text(text, "utf-8")
    return load_configuration(path).configuration


def test_settings_of_feeds_reach_the_model(tmp_path):
    text = (
        "feeds: {a: {aliases: [/rss20.xml, /old/], access: token, noindex: true, rights: CC0}}\n"
        "topics: {b: {query: x, aliases: [/topics/c]}}\n"
        "defaults: {noindex: true}\n"
        "sources: [{url: 'https://x.example/'}, {url: 'https://y.example/', noindex: false}]\n"
        "opt_out: [Herald.Example, 'https://gazette.example/x']\n"
    )
    loaded = load(tmp_path, text)
    (feed,) = loaded.feeds
    assert (feed.aliases, feed.access, feed.noindex, feed.rights) == (
        ("/rss20.xml", "/old"),
        "token",
        True,
        "CC0",
    )
    assert loaded.topics[0].aliases == ("/topics/c",)
    assert [source.noindex for source in loaded.sources] == [True, False]
    assert loaded.opt_out == ("herald.example", "https://gazette.example/x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("feeds: {a: {aliases: [rss.xml]}}", "1:23: feeds.a.aliases[0]: an alias is a path"),
        ("feeds: {a: {aliases: ['/x?y']}}", "an alias is a path"),
        ("feeds: {a: {aliases: ['//evil.example']}}", "an alias is a path"),
        (
            "feeds: {a: {aliases: [/x]}, b: {aliases: [/x]}}",
            "1:43: feeds.b.aliases[0]: feeds.a has this alias",
        ),
        ("feeds: {a: {}, b: {aliases: [/feeds/a]}}", "a feed of this file lives there"),
        ("feeds: {a: {access: secret}}", "write public or token"),
        ("feeds: {a: {noindex: yes please}}", "write on or off"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path, text, said):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text + "\n")
    assert said in str(caught.value)
