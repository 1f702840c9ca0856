"""Sources that are no feeds, as the program polls them: pages, JSON and local files."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from aggregator.cli import group
from tests.origin import Origin, Reply

HTML = (("Content-Type", "text/html; charset=utf-8"),)


def written(folder: Path, origin: Origin, sources: str) -> Path:
    """Write a configuration with these sources."""
    path = folder / "aggregator.yaml"
    path.write_text(
        f"fetch: {{allow_private: ['{origin.at}']}}\ndatabase: sqlite:///a.db\nsources:\n{sources}"
        "feeds: {all: {title: All}}\n",
        "utf-8",
    )
    return path


def page(count: int, css: str = "story") -> Reply:
    stories = "".join(f'<p class="{css}"><a href="/s/{n}">Story {n}</a></p>' for n in range(count))
    return Reply(200, HTML, f"<html><body>{stories}</body></html>".encode())


def run(config: Path, *words: str) -> str:
    """Run a command in this process; return everything it prints."""
    result = CliRunner().invoke(group, ["--config", str(config), *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def titles(config: Path) -> list[str]:
    return sorted(json.loads(line)["title"] for line in run(config, "articles", "--json").splitlines())


def test_a_changed_layout_fails_by_name_and_leaves_the_articles_untouched(
    origin: Origin, tmp_path: Path
) -> None:
    origin.on("/", [page(6), page(2), page(6, "entry"), page(7)])
    config = written(tmp_path, origin, f"  - {{page: '{origin.url('/')}', items: .story, name: Bay}}\n")
    run(config, "poll", "bay")
    before = titles(config)
    assert len(before) == 6
    assert "Only 2 of the usual 6 entries" in run(config, "poll", "bay")
    assert "matches nothing" in run(config, "poll", "bay")
    assert titles(config) == before
    assert "matches nothing" in run(config, "status")
    run(config, "poll", "bay")
    assert len(titles(config)) == 7


def test_other_selectors_read_an_unchanged_page_anew(origin: Origin, tmp_path: Path) -> None:
    origin.on("/", page(5))
    address = origin.url("/")
    config = written(tmp_path, origin, f"  - {{page: '{address}', items: .story, name: Bay}}\n")
    run(config, "poll", "bay")
    written(
        tmp_path,
        origin,
        f"  - {{page: '{address}', items: 'p:first-child', fields: {{title: a}}, name: Bay}}\n",
    )
    assert "1 answered" in run(config, "poll", "bay")
    assert len(titles(config)) == 5


def test_json_and_a_local_file_are_polled_and_the_file_again_when_it_changes(
    origin: Origin, tmp_path: Path
) -> None:
    origin.on("/api", Reply(200, (), b'{"items": {"a": [{"t": "From JSON", "u": "/j"}]}}'))
    feed = "<rss version='2.0'><channel><title>L</title>{}</channel></rss>"
    local = tmp_path / "list.xml"
    local.write_text(feed.format("<item><title>From a file</title></item>"), "utf-8")
    config = written(
        tmp_path,
        origin,
        f"  - {{json: '{origin.url('/api')}', items: items.a, fields: {{title: t, link: u}}}}\n"
        "  - {file: list.xml, name: Local}\n",
    )
    assert "2 answered" in run(config, "poll")
    assert titles(config) == ["From JSON", "From a file"]
    local.write_text(feed.format("<item><title>A second line</title></item>"), "utf-8")
    run(config, "poll", "local")
    assert titles(config) == ["A second line", "From JSON", "From a file"]
    local.unlink()
    assert "cannot be read: No such file" in run(config, "poll", "local")


def test_a_page_that_leads_to_one_feed_is_followed_and_the_feed_remembered(
    origin: Origin, tmp_path: Path
) -> None:
    origin.on(
        "/", Reply(200, HTML, b"<html><link rel=alternate type='application/rss+xml' href='/feed'></html>")
    )
    feed = b"<rss version='2.0'><channel><title>F</title><item><title>Found</title></item></channel></rss>"
    origin.on("/feed", Reply(200, (), feed))
    config = written(tmp_path, origin, f"  - {{url: '{origin.url('/')}', name: Bay}}\n")
    run(config, "poll", "bay")
    assert titles(config) == ["Found"]
    run(config, "poll", "bay")
    assert (len(origin.seen("/")), len(origin.seen("/feed"))) == (1, 2)
    status = json.loads(run(config, "status", "--json").splitlines()[0])
    assert (status["state"], status["moved_to"]) == ("ok", origin.url("/feed"))


def test_a_page_whose_feed_has_gone_is_asked_where_its_feed_is_now(origin: Origin, tmp_path: Path) -> None:
    link = "<html><link rel=alternate type='application/rss+xml' href='/{}'></html>"
    feed = "<rss version='2.0'><channel><title>F</title><item><title>{}</title></item></channel></rss>"
    origin.on("/", Reply(200, HTML, link.format("old").encode()))
    origin.on("/old", [Reply(200, (), feed.format("Then").encode()), Reply(404)])
    origin.on("/new", Reply(200, (), feed.format("Now").encode()))
    config = written(tmp_path, origin, f"  - {{url: '{origin.url('/')}', name: Bay}}\n")
    run(config, "poll", "bay")
    origin.on("/", Reply(200, HTML, link.format("new").encode()))
    for _ in range(4):
        run(config, "poll", "bay")
    assert titles(config) == ["Now", "Then"]
    status = json.loads(run(config, "status", "--json").splitlines()[0])
    assert (status["state"], status["moved_to"]) == ("ok", origin.url("/new"))


def test_a_page_that_leads_nowhere_fails_as_no_feed(origin: Origin, tmp_path: Path) -> None:
    origin.on("/", Reply(200, HTML, b"<html><a href='/rss'>RSS</a></html>"))
    config = written(tmp_path, origin, f"  - {{url: '{origin.url('/')}', name: Bay}}\n")
    assert "HTML page" in run(config, "poll", "bay")
    assert origin.url("/rss") in run(config, "try", origin.url("/"))


def test_add_writes_the_feed_that_a_page_leads_to(origin: Origin, tmp_path: Path) -> None:
    origin.on(
        "/", Reply(200, HTML, b"<html><link rel=alternate type='application/rss+xml' href='/feed'></html>")
    )
    feed = (
        b"<rss version='2.0'><channel><title>Bay Daily</title><item><title>x</title></item></channel></rss>"
    )
    origin.on("/feed", Reply(200, (), feed))
    config = written(tmp_path, origin, "  # nothing yet\n  - url: https://other.example/feed\n")
    assert "Added" in run(config, "add", origin.url("/"), "--tag", "Sea Side")
    assert (
        f"  - url: {origin.url('/feed')}\n    name: Bay Daily\n    tags: [sea-side]\n" in config.read_text()
    )
    assert "# nothing yet" in config.read_text()


def test_add_tries_the_usual_places_and_else_suggests_to_read_the_page(
    origin: Origin, tmp_path: Path
) -> None:
    origin.on("/", Reply(200, HTML, b"<html><p>Hello</p></html>"))
    config = written(tmp_path, origin, "  - url: https://other.example/feed\n")
    assert f"- page: {origin.url('/')}" in run(config, "add", origin.url("/"))
    feed = b"<rss version='2.0'><channel><title>U</title><item><title>x</title></item></channel></rss>"
    origin.on("/atom.xml", Reply(200, (), feed))
    run(config, "add", origin.url("/"))
    assert origin.url("/atom.xml") in config.read_text()


def test_a_trial_reads_a_page_as_page_and_json_as_json(origin: Origin, tmp_path: Path) -> None:
    config = written(tmp_path, origin, "")
    address = origin.on("/", page(5))
    assert f"aggregator try --as page {address}" in run(config, "try", address)
    said = run(config, "try", "--as", "page", "--items", ".story", "--field", "title=a", address)
    assert "Story 4" in said
    assert f"- page: {address}" in said
    assert 'items: ".story"' in said
    assert 'fields: {title: "a"}' in said
    data = [{"uid": n, "head": {"line": f"Item {n}"}} for n in range(3)]
    origin.on(
        "/api", Reply(200, (("Content-Type", "application/json"),), json.dumps({"data": data}).encode())
    )
    read = run(
        config,
        "try",
        "--as",
        "json",
        "--items",
        "data[*]",
        "--field",
        "title=head.line",
        "--json",
        origin.url("/api"),
    )
    assert [json.loads(line)["title"] for line in read.splitlines()] == ["Item 0", "Item 1", "Item 2"]


def test_a_trial_refuses_what_is_no_selector(origin: Origin, tmp_path: Path) -> None:
    config = written(tmp_path, origin, "")
    address = origin.on("/", page(5))
    assert "--as page" in run(config, "try", "--items", ".story", address)
    assert "names are" in run(config, "try", "--as", "page", "--field", "headline=h2", address)
    assert "Error" in run(config, "try", "--as", "page", "--items", "p[", address)
