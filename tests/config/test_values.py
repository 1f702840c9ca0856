"""What a valid file becomes: defaults, units, addresses, secrets, the digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config.addresses import check_path
from aggregator.config.durations import parse_duration, render_duration
from aggregator.config.languages import check_language
from aggregator.config.sizes import parse_size
from aggregator.model import Configuration, PerSource, Site, Web
from tests.config.loading import complaints, load


def configured(folder: Path, text: str, env: dict[str, str] | None = None) -> Configuration:
    return load(folder, text, env).configuration


def test_what_is_left_out_has_the_defaults_of_the_model(tmp_path: Path) -> None:
    made = configured(tmp_path, "site: {}\n")
    site = Site(hub="http://127.0.0.1:8000/hub")
    expected = Configuration(site=site, database=f"sqlite:///{tmp_path}/var/aggregator.db")
    assert made == expected


def test_sections_with_every_line_commented_out_are_empty(tmp_path: Path) -> None:
    made = configured(
        tmp_path,
        "site:\nweb:\nfetch:\n  allow_private:\ndefaults:\n  tags:\nsources:\ntopics:\nfeeds:\n  all:\n",
    )
    assert (made.sources, made.topics) == ((), ())
    assert made.feeds[0].slug == "all"
    assert made.feeds[0].title == "All"


def test_source_takes_what_it_leaves_out_from_defaults(tmp_path: Path) -> None:
    text = """
defaults: {every: 2h, content: link, initial_items: 3, keep: 30d, rights: CC0, language: de, tags: [x]}
sources:
  - {url: https://a.example/}
  - url: https://b.example/
    every: auto
    content: full
    initial_items: 0
    keep: 1y
    rights: mine
    language: fr
    tags: [Z, a, a]
  - {url: https://c.example/, tags: []}
"""
    first, second, third = configured(tmp_path, text).sources
    assert (first.every_s, first.content, first.initial_items, first.keep_s) == (7200, "link", 3, 30 * 86400)
    assert (first.rights, first.language, first.tags, first.where) == (
        "CC0",
        "de",
        ("x",),
        "aggregator.yaml:4",
    )
    assert (second.every_s, second.content, second.initial_items, second.keep_s) == (
        None,
        "full",
        0,
        365 * 86400,
    )
    assert (second.rights, second.language, second.tags) == ("mine", "fr", ("a", "z"))
    assert third.tags == ()


def test_feeds_and_topics_are_read_whole(tmp_path: Path) -> None:
    text = """
topics:
  cost-of-living: prices
  b: {title: B, query: x, description: Two words.}
feeds:
  all: {title: Everything, query: 'topic:b', limit: 20, per_source: 5 per day, content: summary}
  few: {per_source: 3}
"""
    made = configured(tmp_path, text)
    assert [topic.title for topic in made.topics] == ["Cost of living", "B"]
    every, few = made.feeds
    assert (every.title, every.query, every.limit, every.content) == ("Everything", "topic:b", 20, "summary")
    assert every.per_source == PerSource(count=5, per_day=True)
    assert (few.title, few.per_source) == ("Few", PerSource(count=3))


def test_fetch_limits_are_words(tmp_path: Path) -> None:
    text = """
fetch:
  timeout: 1m
  max_wire_bytes: 2MB
  max_decoded_bytes: 1.5MiB
  per_host: 1
  concurrency: 9
  user_agent: x/1
"""
    made = configured(tmp_path, text).fetch
    assert (made.timeout_s, made.max_wire_bytes, made.max_decoded_bytes) == (60.0, 2_000_000, 1_572_864)
    assert (made.per_host, made.concurrency, made.user_agent) == (1, 9, "x/1")


@pytest.mark.parametrize(
    ("listen", "web"),
    [
        ("127.0.0.1:8000", Web(host="127.0.0.1", port=8000)),
        ("[::1]:8000", Web(host="::1", port=8000)),
        ("localhost:80", Web(host="localhost", port=80)),
        ("0.0.0.0:65535", Web(host="0.0.0.0", port=65535)),
    ],
)
def test_listen_is_host_and_port(tmp_path: Path, listen: str, web: Web) -> None:
    assert configured(tmp_path, f"web: {{listen: '{listen}'}}").web == web


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("sqlite:///a.db", "sqlite:///{folder}/a.db"),
        ("sqlite:///../b/a.db", "sqlite:///{parent}/b/a.db"),
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
        ("sqlite:///~nobody/a.db", "sqlite:///{folder}/~nobody/a.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+psycopg://h/d?sslmode=require"),
        ("postgresql+psycopg:///d", "postgresql+psycopg:///d"),
    ],
)
def test_database_path_counts_from_the_file(tmp_path: Path, written: str, resolved: str) -> None:
    made = configured(tmp_path, f"database: {written}")
    assert made.database == resolved.format(folder=tmp_path, parent=tmp_path.parent)


def test_base_url_loses_its_slash_and_keeps_its_path(tmp_path: Path) -> None:
    assert (
        configured(tmp_path, "site: {url: 'https://a.example/planet/'}").site.url
        == "https://a.example/planet"
    )


def test_source_url_stays_byte_for_byte(tmp_path: Path) -> None:
    url = "HTTPS://Ex.example:443/a/../%7Eb?x=1&&y#z"
    assert configured(tmp_path, f"sources: [{{url: '{url}'}}]").sources[0].url == url


def test_placeholders_are_filled_in_and_stay_text(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush: [1]\n")
    text = """
site: {title: "a ${A} b ${B:-c d} ${C:-} $${A} $x", tagline: "${file:secret}"}
web: {processes: "${N}"}
"""
    made = configured(tmp_path, text, {"A": "${B} {x: y}", "N": "3"})
    assert made.site.title == "a ${B} {x: y} b c d  ${A} $x"
    assert made.site.tagline == "hush: [1]"
    assert made.web.processes == 3


def test_no_message_shows_what_a_placeholder_brought(tmp_path: Path) -> None:
    lines = complaints(tmp_path, "defaults:\n  content: ${SECRET}\ntopics: {}\n", {"SECRET": "hunter2"})
    assert lines == [
        "aggregator.yaml:2:12: defaults.content: '${SECRET}' is not known here; "
        "write full or summary or link or full-text"
    ]


@pytest.mark.parametrize("value", ["a\0b", "a\nb\x1b", "\udcff"])
def test_odd_variable_is_refused(tmp_path: Path, value: str) -> None:
    (line,) = complaints(tmp_path, "site:\n  title: ${A}\n", {"A": value})
    assert line.endswith("the environment variable A holds control characters or is not UTF-8")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\xff", "not UTF-8"), (b"x" * 70_000, "no short text"), (b"a\0", "no short")]
)
def test_odd_secret_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "secret").write_bytes(content)
    (line,) = complaints(tmp_path, "site:\n  title: ${file:secret}\n")
    assert reason in line


def test_digest_follows_settings_not_comments_or_lines(tmp_path: Path) -> None:
    plain = load(tmp_path, "site: {title: A}\nsources: [{url: https://a.example/}]\n").digest
    dressed = load(tmp_path, "# note\n\nsources:\n  - url: https://a.example/\nsite:\n  title: 'A'\n").digest
    changed = load(tmp_path, "site: {title: B}\nsources: [{url: https://a.example/}]\n").digest
    assert plain == dressed
    assert plain != changed
    assert len(plain) == 64


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("90s", 90),
        ("15m", 900),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("2w", 1209600),
        ("1y", 31536000),
    ],
)
def test_duration_is_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "-5m", "1.5h", "5 M", "5min", "101y", "1h30", "٣m"])
def test_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer than 100y"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["45s", "10m", "1h", "90s", "2d", "3w", "1y"])
def test_duration_is_written_as_it_is_read(text: str) -> None:
    assert parse_duration(render_duration(parse_duration(text))) == parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("10MB", 10_000_000), ("16 MiB", 16 * 1024**2), ("1.5kB", 1500), ("7b", 7), ("1GB", 10**9)],
)
def test_size_is_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "tag", ["en", "en-GB", "zh-Hant-HK", "es-419", "de-CH-1996", "x-y", "i-klingon", "deutsch", "en-", "e"]
)
def test_language_tag_is_checked(tag: str) -> None:
    if tag in ("x-y", "i-klingon", "deutsch", "en-", "e"):
        with pytest.raises(ValueError, match="language tag"):
            check_language(tag)
    else:
        assert check_language(tag) == tag


@pytest.mark.parametrize("text", ["themes/a\0b", "a" * 1001])
def test_what_no_file_can_be_called_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        check_path(text)
    assert check_path(text.replace("\0", "")[:1000])
