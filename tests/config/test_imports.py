"""Other programs' lists become configurations that load, and what is left behind is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli.importing import import_
from aggregator.config.imports.opml import read_opml
from aggregator.config.imports.reading import read_foreign
from aggregator.config.imports.wording import render_yaml, scalar
from aggregator.config.load import load_configuration
from aggregator.config.names import free_name
from aggregator.errors import ConfigurationError
from aggregator.model import Configuration
from aggregator.query.fields import source_key

REAL = Path(os.environ.get("AGGREGATOR_CONFIGS", Path(__file__).parents[3] / "shared" / "configs"))


def imported(
    folder: Path, body: str | bytes, name: str = "list"
) -> tuple[Configuration, str, tuple[str, ...]]:
    """Import *body*, load what was written, and return it with its text and what was lost."""
    text, _, lost = render_yaml(read_foreign(body.encode() if isinstance(body, str) else body, name))
    path = folder / "aggregator.yaml"
    path.write_text(text, "utf-8")
    return load_configuration(path, {}).configuration, text, lost


@pytest.mark.parametrize(("login", "mode"), [("ann:secret@", 0o600), ("", 0o644)])
def test_a_file_with_passwords_is_its_owners_alone(login: str, mode: int, tmp_path: Path) -> None:
    source, target = tmp_path / "urls", tmp_path / "aggregator.yaml"
    source.write_text(f"https://{login}a.example/f\n", "utf-8")
    before = os.umask(0o022)
    try:
        done = CliRunner().invoke(import_, [str(source), "--to", str(target)])
    finally:
        os.umask(before)
    assert done.exit_code == 0
    assert target.stat().st_mode & 0o777 == mode
    assert ("only you can read it" in done.output) == bool(login)


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("planet-python.ini", 567),
        ("news.opml", 11),
        ("tech.opml", 25),
        ("united-kingdom.opml", 5),
        ("osmosfeed.yaml", 9),
    ],
)
def test_real_lists_load_with_every_source(name: str, sources: int, tmp_path: Path) -> None:
    if not (REAL / name).is_file():
        pytest.skip(f"there is no {REAL / name}; name their folder in AGGREGATOR_CONFIGS")
    configuration, _, _ = imported(tmp_path, (REAL / name).read_bytes(), name)
    assert len(configuration.sources) == sources
    assert len(configuration.feeds) == 1


OPML = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE opml [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<opml version="2.0" xmlns:frss="https://freshrss.org/opml">
 <head><title>My reading</title></head>
 <body>
  <outline text="News">
   <outline text="World &amp; Wars">
    <outline type="rss" text="Harbour Post" xmlUrl="https://post.example/world.xml"
             category="/paper/daily,free"/>
   </outline>
   <outline type="rss" text="Harbour Post" xmlUrl="https://post.example/home.xml" language="en-GB"/>
  </outline>
  <outline text="Again"><outline text="x" xmlUrl="https://post.example/world.xml"/></outline>
  <outline type="rss" text="Full" xmlUrl="https://full.example/feed" frss:cssFullContent=".body"
           frss:filtersActionRead="intitle:advert"/>
  <outline type="HTML+XPath" text="Page" xmlUrl="https://page.example/" frss:xPathItem="//article"/>
  <outline type="rss" text="Mail" xmlUrl="https://ann:secret@mail.example/feed"/>
  <outline type="rss" text="&secret;" xmlUrl="feed://old.example/rss"/>
  <outline text="a link to nowhere" type="link" url="https://nowhere.example/"/>
 </body>
</opml>"""


def test_folders_and_categories_become_tags(tmp_path: Path) -> None:
    configuration, _, _ = imported(tmp_path, OPML)
    tags = {source.url: source.tags for source in configuration.sources}
    assert tags["https://post.example/world.xml"] == ("again", "daily", "free", "news", "paper", "world-wars")
    assert tags["https://post.example/home.xml"] == ("news",)


def test_a_feed_listed_twice_is_one_source_and_equal_names_get_their_host(tmp_path: Path) -> None:
    configuration, _, lost = imported(tmp_path, OPML)
    assert [s.name for s in configuration.sources if "post.example" in s.url] == [
        "Harbour Post",
        "Harbour Post (post.example)",
    ]
    assert any("Harbour Post" in sentence and "home.xml" in sentence for sentence in lost)


def test_what_the_second_of_two_equal_feeds_says_is_told(tmp_path: Path) -> None:
    listed = """<opml><body><outline text="A" xmlUrl="http://a.example/feed" blocklistRules="advert"/>
      <outline text="B" xmlUrl="https://a.example/feed/" blocklistRules="quiz" crawler="true"/>
      <outline text="A" xmlUrl="https://b.example/"/><outline text="A" xmlUrl="https://b.example/"/>
      <outline text="P" type="HTML+XPath" xmlUrl="https://b.example/"/></body></opml>"""
    configuration, _, lost = imported(tmp_path, listed)
    assert [each.url for each in configuration.sources] == ["https://a.example/feed/", "https://b.example/"]
    twice = [sentence for sentence in lost if "taken once" in sentence]
    assert ["settings and filters of the first" in sentence for sentence in twice] == [True, False]


BROKEN = """<!DOCTYPE opml [<!ENTITY own "https://evil.example/f">]>
<opml><body><outline text="R&D, Caf&eacute; &own; &#34;&#xD83D;" xmlUrl="https://a.example/f?a=1&b=2&#38;c=3"/></body></opml>"""


def test_ampersands_that_mean_themselves_stay_in_addresses_and_names(tmp_path: Path) -> None:
    configuration, _, _ = imported(tmp_path, BROKEN)
    (source,) = configuration.sources
    assert (source.url, source.name) == ("https://a.example/f?a=1&b=2&c=3", 'R&D, Café &own; "\ufffd')


@pytest.mark.parametrize(
    ("said", "encoding"),
    [("windows-1251", "cp1251"), ("utf-16", "utf-16-le"), ("utf-16", "utf-8"), ("utf-8", "utf-8")],
)
@pytest.mark.parametrize("before", ["", "\n"])
def test_an_opml_document_is_read_in_its_own_letters(
    said: str, encoding: str, before: str, tmp_path: Path
) -> None:
    outline = '<outline text="Новости" xmlUrl="https://a.example/f"/>'
    document = f'{before}<?xml version="1.0" encoding="{said}"?><opml>{outline}</opml>'
    configuration, _, _ = imported(tmp_path, document.encode(encoding))
    assert [each.name for each in configuration.sources] == ["Новости"]


@pytest.mark.parametrize(
    "body", ["# Blogs\n- [A](https://a.example/f)\n", "\tfeed 'a' 'https://a.example/f'", "\x1f\x8b\x08", ""]
)
def test_what_is_no_list_is_told_what_is_one(body: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a list of no kind that is read: OPML"):
        imported(tmp_path, body)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(
    "body",
    [
        'https://a.example/f "~José"\n',
        "[Planet]\nname = P\n[https://a.example/f]\nname = José\n",
        '[{"feed_url": "https://a.example/f", "title": "José"}]',
        '<opml><body><outline text="José" xmlUrl="https://a.example/f"/></body></opml>',
    ],
)
def test_lists_are_read_in_the_letters_of_windows_too(body: str, encoding: str, tmp_path: Path) -> None:
    configuration, _, _ = imported(tmp_path, body.encode(encoding))
    assert [each.name for each in configuration.sources] == ["José"]


DEEP = "".join(f'<outline text="folder {n}">' for n in range(80))


@pytest.mark.parametrize(
    "body",
    [
        f'<opml><body>{DEEP}<outline xmlUrl="https://a.example/f"/>{"</outline>" * 80}</body></opml>',
        '<OPML><BODY><OUTLINE TYPE="rss" TEXT="A" xmlUrl="" XMLURL="https://a.example/f"/></BODY></OPML>',
        "[https://a.example/f]\n[https://l.example/o]\ncontent_type = opml\nname = L\nfilter = x\n",
        '[{"feed_url": "https://a.example/f", "username": "\\ufeff"}, {"feed_url": ""}]',
        "https://a.example/f\nhttps://b.example/\u202ef\nfeed:https://a.example/f\nhttps://c.example/\x81\n",
        "endpoints: [{path: /a, source: [https://a.example/f]}, {path: /a/, source: 'https://u:p@b.example'}]",
        f"endpoints: [{{path: /{'a' * 90}, source: https://a.example/f}}]",
        "endpoints: [{path: /a, source: https://a.example/f}, {path: /feeds/a, source: https://a.example/f/}]",
        "endpoints: [{source: https://a.example/f}, {source: https://a.example/f, filters: [split: {}]}]",
    ],
)
def test_what_is_odd_about_a_list_does_not_keep_it_from_being_used(body: str, tmp_path: Path) -> None:
    configuration, _, lost = imported(tmp_path, body)
    assert [each.url.rstrip("/") for each in configuration.sources] == ["https://a.example/f"]
    assert "u:p" not in "".join(lost)


def test_a_thousand_feeds_of_one_name_are_named_without_a_search() -> None:
    taken: dict[str, int] = {}
    names = [free_name("Same", "https://a.example/", taken) for _ in range(1000)]
    assert names[:3] == ["Same", "Same (a.example)", "Same (a.example) 2"]
    assert free_name("Same (a.example) 7", "https://b.example/", taken) == "Same (a.example) 7 (b.example)"
    assert (len(set(names)), taken[source_key("Same (a.example)")]) == (1000, 999)


def test_what_an_opml_list_loses_is_said_and_no_password_with_it(tmp_path: Path) -> None:
    configuration, text, lost = imported(tmp_path, OPML)
    said = "\n".join(lost)
    (full,) = (source for source in configuration.sources if "full.example" in source.url)
    assert (full.full_text, full.text) == (True, (".body",))
    assert "name no feed" in said
    assert "secret" not in said
    assert all(sentence in text for sentence in lost)
    (login,) = (source for source in configuration.sources if "mail.example" in source.url)
    assert (login.auth, "secret" in login.url) == ("ann:secret", False)


OWN = """<opml version="2.0" xmlns:frss="https://freshrss.org/opml"><head/><body>
 <outline text="Lists" frss:opmlUrl="https://lists.example/news.opml"/>
 <outline text="M" type="rss" xmlUrl="https://m.example/feed" userAgent="Mine/1" cookie="a=b" crawler="false"
          ignoreHTTPCache="true" ignoreEntryUpdates="true" keeplistRules="(?i)rust" proxyUrl="socks5://p.example"/>
 <outline text="F" type="rss" xmlUrl="https://f.example/feed" frss:CURLOPT_PROXY="http://p.example:3128"
          frss:CURLOPT_HTTPHEADER="X-Key: abc&#10;Host: no.example" frss:CURLOPT_COOKIE="c=d"/>
 <outline text="Off" type="rss" xmlUrl="https://off.example/feed" disabled="true"/>
</body></opml>"""


def test_what_miniflux_and_freshrss_set_for_a_feed_is_carried_over_where_we_can(tmp_path: Path) -> None:
    configuration, _, lost = imported(tmp_path, OWN)
    miniflux, freshrss = configuration.sources
    assert (miniflux.user_agent, miniflux.headers, miniflux.conditional) == (
        "Mine/1",
        (("Cookie", "a=b"),),
        False,
    )
    assert miniflux.gate.edits == "silent"
    assert (freshrss.proxy, freshrss.headers) == ("http://p.example:3128", ())
    assert [(each.place, each.template.tags) for each in configuration.lists] == [
        ("https://lists.example/news.opml", ("lists",))
    ]
    said = "\n".join(lost)
    assert all(part in said for part in ("proxy", "headers", "switched off"))


def test_a_list_of_addresses_needs_no_format(tmp_path: Path) -> None:
    text = '# mine\nhttps://a.example/feed "World News" fun\n"query:x:unread = \\"yes\\""\n'
    text += 'https://b.example/ "~Bee"\n'
    configuration, _, lost = imported(tmp_path, text, "urls")
    assert [(each.url, each.name, each.tags) for each in configuration.sources] == [
        ("https://a.example/feed", None, ("fun", "world-news")),
        ("https://b.example/", "Bee", ()),
    ]
    assert any("query:x" in sentence for sentence in lost)


def test_reading_lists_of_a_planet_are_followed_where_they_are_opml(tmp_path: Path) -> None:
    text = f"{PLANET}[https://l.example/a.opml]\ncontent_type = opml\n"
    text += "[https://l.example/b.ini]\ncontent_type = config\n"
    configuration, _, lost = imported(tmp_path, text, "config.ini")
    assert [each.place for each in configuration.lists] == ["https://l.example/a.opml"]
    assert any("b.ini" in sentence for sentence in lost)
    assert not any("l.example" in source.url for source in configuration.sources)


def test_entities_of_a_list_are_never_expanded(tmp_path: Path) -> None:
    _, text, _ = imported(tmp_path, OPML)
    assert "root:" not in text
    assert "http://old.example/rss" in text


PLANET = """[Planet]
name = Planet Quay
link = https://planet.example/
owner_email = ann@planet.example
new_feed_items = 3
items_per_page = 40
feed_timeout = 25
activity_threshold = 90
template_files = theme/rss20.xml.tmpl theme/atom.xml.tmpl theme/index.html.tmpl theme/opml.xml.tmpl
exclude = sponsored

[https://ann.example/feed[1].xml]
name = Ann: the "Quay"
face = ann.png
filter = python|web development

[https://bob.example/feed]
name = Bob
exclude = c\\+\\+/(boost|qt)
filters = strip_ads.py

[theme/index.html.tmpl]
items_per_page = 5
"""


def test_a_planet_keeps_names_numbers_and_filters(tmp_path: Path) -> None:
    configuration, _, lost = imported(tmp_path, PLANET, "config.ini")
    assert (configuration.site.title, configuration.site.url) == ("Planet Quay", "https://planet.example")
    assert [s.url for s in configuration.sources] == [
        "https://ann.example/feed[1].xml",
        "https://bob.example/feed",
    ]
    assert configuration.sources[0].name == 'Ann: the "Quay"'
    assert configuration.sources[0].face == "ann.png"
    assert configuration.sources[0].initial_items == 3
    assert configuration.fetch.timeout_s == 25
    feed = configuration.feeds[0]
    assert feed.limit == 40
    assert '-sponsored -(source:"ann-the-quay" -(python OR "web development"))' in feed.query
    assert '-(source:"bob" /(?i)c\\+\\+\\/(boost|qt)/)' in feed.query
    assert any("activity_threshold = 90" in sentence for sentence in lost)
    assert any("strip_ads.py" in sentence for sentence in lost)
    assert "/opml.xml: the list of sources is at /opml/sources.opml" in lost


def test_a_filter_of_one_feed_leaves_the_other_feeds_alone(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from aggregator.curate.topics import compile_rules, place
    from aggregator.model import Admission, Entry

    configuration, _, _ = imported(tmp_path, PLANET, "config.ini")
    rules = compile_rules(configuration)
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def is_in(title: str, which: int) -> bool:
        source = configuration.sources[which]
        entry = Entry(title=title, key=title, id=title)
        admission = Admission(
            source_id=which + 1,
            entry=entry,
            article_id=None,
            published_id=title,
            first_seen=now,
            sort_date=now,
        )
        slug = ("ann-the-quay", "bob")[which]
        return any(t.kind == "feed" for t in place(admission, rules, source, slug).targets)

    assert is_in("Python on the quay", 0)
    assert not is_in("Sailing on the quay", 0)
    assert is_in("Sailing on the quay", 1)
    assert not is_in("C++/Boost on the quay", 1)
    assert not is_in("Sponsored sailing", 1)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("[Planet]\nlink = planet.example\n[https://a.example/f]\nname = A\n", "site: url: planet.example"),
        ("[Planet]\nowner_email = a at b\n[https://a.example/f]\nname = A\n", "site: contact: a at b"),
        ("[Planet]\nname = P\n[https://a.example/f]\nface = http://[::1\n", "face of 1 of the sources"),
        ("timezone: Mars/Olympus\nsources: [{href: https://a.example/f}]\n", "site: timezone: Mars"),
        ("https://a.example/f\nhttps://a.example/" + "x" * 3000, "it is too long"),
    ],
)
def test_what_our_schema_does_not_take_is_told_and_the_rest_loads(
    body: str, told: str, tmp_path: Path
) -> None:
    configuration, _, lost = imported(tmp_path, body)
    assert [each.url for each in configuration.sources] == ["https://a.example/f"]
    assert told in "\n".join(lost)


def test_a_line_of_signs_before_the_settings_takes_no_hours(tmp_path: Path) -> None:
    body = f"{'#' * 60}\n# Our planet\n\ntitle = Quay\n\n[ann]\nfeed = https://ann.example/feed\n"
    configuration, _, _ = imported(tmp_path, body)
    assert (configuration.site.title, len(configuration.sources)) == ("Quay", 1)


def test_pluto_names_its_feeds_inside_sections(tmp_path: Path) -> None:
    pluto = "title = Planet Gems\nurl = https://gems.example\n\n[ann]\n  title = Ann\n  feed = https://ann.example/atom\n"
    configuration, _, _ = imported(tmp_path, pluto, "planet.ini")
    assert configuration.site.title == "Planet Gems"
    assert [(s.name, s.url) for s in configuration.sources] == [("Ann", "https://ann.example/atom")]


def test_osmosfeed_keeps_title_zone_and_days(tmp_path: Path) -> None:
    body = (
        "sources:\n  - href: https://a.example/feed\n"
        "siteTitle: 'yes: no'\ntimezone: Europe/Paris\ncacheMaxDays: 30\n"
    )
    configuration, _, _ = imported(tmp_path, body, "osmosfeed.yaml")
    assert (configuration.site.title, configuration.site.timezone) == ("yes: no", "Europe/Paris")
    assert configuration.sources[0].keep_s == 30 * 86_400


@pytest.mark.parametrize(
    "text", ["yes", "12:30", "a: b", "it's #1", "- x", "${A}", "*star", "Ann", "", "a\\b", "[x]"]
)
def test_any_text_survives_the_yaml_that_is_written(text: str, tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text(f"site:\n  tagline: {scalar(text)}\n", "utf-8")
    assert load_configuration(path, {"A": "no"}).configuration.site.tagline == text


@pytest.mark.parametrize(
    "body", ["", "<html><body>no list</body></html>", "just words", "[x]\ny = 1\n", "a: [", "\x00"]
)
def test_a_file_of_another_kind_is_refused_in_one_sentence(body: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_foreign(body.encode(), "list.txt")
    assert str(caught.value).startswith("list.txt:")


@pytest.mark.parametrize(
    "body",
    [
        b"<bcacheUrl:>",
        b"[Planet]\nname\n  goes on\n",
        b"<a:b:c xmlUrl=''/>",
    ],
)
def test_a_damaged_list_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(ConfigurationError):
        read_foreign(body, "list")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_half_a_list_is_refused_and_one_with_mistakes_is_read(encoding: str) -> None:
    whole = OPML.replace("utf-8", encoding).encode(encoding)
    for cut in (len(whole) // 2, len(whole) - 20):
        with pytest.raises(ConfigurationError, match="cut off"):
            read_opml(whole[:cut])
    odd = '<opml><body><outline xmlUrl="http://a.example/?a&b"><outline xmlUrl="http://b.example/"></body></opml>'
    assert len(read_opml(odd.encode(encoding)).subscriptions) == 2


def test_aliases_of_aliases_are_refused_before_they_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(ConfigurationError, match="aliases counted"):
        read_foreign("\n".join([*lines, "sources: [{href: *a8}]"]).encode(), "list")
