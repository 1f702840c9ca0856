"""`aggregator run` as a user starts it, against the demo origin: polled, stored, republished, survived."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from tests.running import ROOT, Running, aggregator, free_port, json_lines, printed, running, wait_until
from tests.world import Origin, World


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(World(), longest_delay_s=1) as served:
        yield served


@pytest.fixture
def config(origin: Origin, tmp_path: Path) -> Path:
    """The demo configuration, for this origin, a free port and a fresh store."""
    text = (ROOT / "config" / "demo.yaml").read_text("utf-8")
    port = free_port()
    text = text.replace("http://127.0.0.1:8899", origin.url)
    text = text.replace("127.0.0.1:8899", origin.url.removeprefix("http://"))
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("../var/demo.db", "demo.db")
    text = text.replace("every: 5s", "every: 1s").replace("fetch: {", "fetch: {per_host: 16, ")
    path = tmp_path / "demo.yaml"
    path.write_text(text, "utf-8")
    (tmp_path / "url").write_text(f"http://127.0.0.1:{port}")
    return path


def url_of(config: Path) -> str:
    return (config.parent / "url").read_text()


def settled(origin: Origin, program: Running) -> None:
    """Wait until every document was asked for twice, the second time conditionally."""

    def all_asked_again() -> bool:
        asked = Counter(request.path for request in list(origin.log) if request.status == 304)
        return len(asked) >= 20

    wait_until(all_asked_again, what="a second, conditional round")


def feed(program: Running, path: str) -> feedparser.FeedParserDict:
    status, headers, body = program.get(path)
    assert status == 200, (path, status)
    parsed = feedparser.parse(io.BytesIO(body), response_headers={"content-type": headers["content-type"]})
    assert not parsed.bozo, parsed.bozo_exception
    return parsed


def test_a_living_newspaper(origin: Origin, config: Path) -> None:
    with running(config, url_of(config)) as program:
        settled(origin, program)

        stored = json_lines(config, "articles")
        assert len(stored) > 100
        doubles = [key for key, n in Counter((a["source"], a["id"]) for a in stored).items() if n > 1]
        assert not doubles
        assert feed(program, "/feeds/front-page.atom").entries

        late = next(
            item
            for paper in origin.world.papers.values()
            for item in paper.items
            if item.at_s > 0 and not item.revises and paper.slug == "courier"
        )
        origin.world.release(f"courier/{late.id}")
        source = "/sources/the-thames-courier.atom"
        wait_until(lambda: late.title in [e.title for e in feed(program, source).entries], what=source)
        row = next(a for a in json_lines(config, "articles") if a["title"] == late.title)
        assert row["feeds"], row
        assert row["topics"], row
        for path in [f"/feeds/{row['feeds'][0]}.rss", f"/topics/{row['topics'][0]}.atom"]:
            wait_until(
                lambda path=path: late.title in [e.title for e in feed(program, path).entries], what=path
            )


def test_kill_and_restart_neither_lose_nor_repeat(origin: Origin, config: Path) -> None:
    paths = ["/feeds/front-page.atom", "/feeds/front-page.rss", "/feeds/front-page.json"]
    with running(config, url_of(config)) as program:
        settled(origin, program)
        before = {path: program.get(path) for path in paths}
        articles = json_lines(config, "articles")
        program.kill()
        wait_until(lambda: _is_free(program), what="the children to end")
        with running(config, url_of(config)) as again:
            after = {path: again.get(path) for path in paths}
            assert json_lines(config, "articles") == articles
            for path in paths:
                assert after[path][2] == before[path][2]
                assert after[path][1]["etag"] == before[path][1]["etag"]
            assert again.stop() == 0


def _is_free(program: Running) -> bool:
    try:
        program.get("/healthz")
    except OSError:
        return True
    return False


def test_published_feeds_read_back_the_same_in_every_format(origin: Origin, config: Path) -> None:
    aggregator(config, "poll", "--all", code=0)
    atom = feedparser.parse(io.BytesIO(printed(config, "render", "feeds/front-page.atom").encode()))
    rss = feedparser.parse(io.BytesIO(printed(config, "render", "feeds/front-page.rss").encode()))
    items = json.loads(printed(config, "render", "feeds/front-page.json"))["items"]
    assert [e.id for e in atom.entries] == [e.id for e in rss.entries] == [i["id"] for i in items]
    assert [e.title for e in atom.entries] == [e.title for e in rss.entries]
    assert [e.get("link") for e in atom.entries] == [i.get("url") for i in items]
    assert [e.published_parsed for e in atom.entries] == [e.published_parsed for e in rss.entries]


def test_status_says_what_is_wrong_and_exits_with_0_while_one_source_answers(
    origin: Origin, config: Path
) -> None:
    aggregator(config, "poll", "--all")
    said = printed(config, "status")
    assert "410" in said
    assert "500" in said
    states = {row["name"]: row for row in json_lines(config, "status")}
    assert states["A closed notebook"]["state"] == "gone"
    assert states["The broken press"]["failures"] == 1
    assert states["The Thames Courier"]["last_success"]


def test_no_source_reachable_still_serves_valid_empty_feeds(config: Path, origin: Origin) -> None:
    count = config.read_text().count("- {url:")
    text = config.read_text().replace(origin.url, "http://127.0.0.1:9")
    config.write_text(text.replace('allow_private: ["', 'allow_private: ["127.0.0.1:9", "'))
    with running(config, url_of(config)) as program:
        wait_until(lambda: program.log.read_text().count("outcome=failed") >= count, what="failures")
        assert aggregator(config, "status", code=1)
        parsed = feed(program, "/feeds/front-page.atom")
        assert parsed.entries == []
        assert program.get("/")[0] == 200


def test_a_broken_file_leaves_the_old_configuration_in_force(origin: Origin, config: Path) -> None:
    with running(config, url_of(config)) as program:
        good = config.read_text("utf-8")
        config.write_text(good + "\nfeds: {}\n", "utf-8")
        # a file that is just being written may be refused as empty before
        wait_until(lambda: "did you mean" in program.log.read_text().lower(), what="the refusal in the log")
        assert "refused" in program.log.read_text()
        assert program.get("/feeds/front-page.atom")[0] == 200
        config.write_text(
            good.replace("\nfeeds:\n", "\nfeeds:\n  fresh-feed: {query: 'tag:national'}\n", 1), "utf-8"
        )
        wait_until(lambda: program.get("/feeds/fresh-feed.atom")[0] == 200, what="the new feed")


def test_changed_manners_of_asking_hold_at_once(origin: Origin, tmp_path: Path) -> None:
    url, paper = f"http://127.0.0.1:{free_port()}", tmp_path / "paper.yaml"
    listen = url.removeprefix("http://")
    text = f"web: {{listen: '{listen}'}}\nsources: [{{url: '{origin.url}/courier/feed.xml'}}]\nfetch: "
    paper.write_text(text + "{user_agent: first}", "utf-8")
    with running(paper, url) as program:
        wait_until(lambda: "kind=refused" in program.log.read_text(), what="the refusal of the guard")
        allowed = origin.url.removeprefix("http://")
        paper.write_text(text + f"{{user_agent: second, allow_private: ['{allowed}']}}", "utf-8")
        wait_until(lambda: origin.log, what="a request")
    assert origin.log[0].headers["user-agent"] == "second"
