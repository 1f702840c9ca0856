"""The demo world keeps its promises: true documents, honest validators, a clock that brings news."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
import yaml

from tests.world import World
from tests.worldformats import write
from tests.worldorigin import Answer, Origin, answer
from tests.worldstock import Item, StockError, curled, load_papers, seconds

ROOT = Path(__file__).parent.parent
START = datetime(2031, 3, 4, 17, 30, tzinfo=UTC)
PAPERS = load_papers()
SPECS = {spec.path: spec for paper in PAPERS for spec in paper.documents}


@pytest.fixture
def world() -> World:
    return World(PAPERS, start=START)


@pytest.fixture
def origin(world: World) -> Iterator[Origin]:
    with Origin(world, longest_delay_s=0) as running:
        yield running


def get(origin: Origin, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(origin.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): v for name, v in headers.items()})
        response = connection.getresponse()
        return response.status, {n.lower(): v for n, v in response.getheaders()}, response.read()
    finally:
        connection.close()


def ids_and_titles(path: str, body: bytes) -> list[tuple[str, str]]:
    if SPECS[path].format.startswith("json"):
        return [(str(item["id"]), item["title"]) for item in json.loads(body)["items"]]
    feed = feedparser.parse(io.BytesIO(body), response_headers={}, sanitize_html=False)
    return [(entry.get("id", ""), entry.get("title", "")) for entry in feed.entries]


@pytest.mark.parametrize("path", sorted(SPECS))
@pytest.mark.parametrize("after_s", [0, 100_000])
def test_every_document_is_read_back_whole(world: World, path: str, after_s: int) -> None:
    world.advance(after_s)
    sheet = world.sheet(path)
    assert sheet is not None
    found = ids_and_titles(path, write(sheet))
    assert len(found) == min(len(sheet.records), 15 if sheet.spec.format == "rss091" else 10_000)
    assert found


@pytest.mark.parametrize(
    "path", sorted(p for p, s in SPECS.items() if not s.format.startswith("json") and "hostile" not in p)
)
def test_every_xml_document_is_well_formed_and_of_the_format_it_claims(world: World, path: str) -> None:
    sheet = world.sheet(path)
    assert sheet is not None
    feed = feedparser.parse(io.BytesIO(write(sheet)), response_headers={})
    assert not feed.bozo, feed.get("bozo_exception")
    versions = {
        "rss091": "rss091n",
        "atom03": "atom03",
        "rss10": "rss10",
        "rss092": "rss092",
        "atom10": "atom10",
    }
    assert feed.version == versions.get(sheet.spec.format, "rss20")


@pytest.mark.parametrize("path", sorted(SPECS))
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_its_own_validators_are_answered_with_304_until_something_is_new(
    world: World, path: str, coding: str
) -> None:
    plain = {"accept-encoding": coding}
    first = answer(world, "GET", path, plain)
    assert first.status == 200
    asked = {**plain, **conditions(first)}
    if SPECS[path].validators != "none":
        assert answer(world, "GET", path, asked).status == 304
    slug = path.split("/")[1]
    section = (SPECS[path].sections or ("news",))[0]
    world.advance(60)
    world.add(slug, Item(id="fresh", title="Fresh", at_s=world.elapsed_s, section=section))
    second = answer(world, "GET", path, asked)
    assert second.status == 200
    assert second.body != first.body


def conditions(first: Answer) -> dict[str, str]:
    pairs = {
        "if-none-match": first.headers.get("ETag"),
        "if-modified-since": first.headers.get("Last-Modified"),
    }
    return {name: value for name, value in pairs.items() if value}


def test_each_validator_alone_is_enough(world: World) -> None:
    first = answer(world, "GET", "/courier/all.atom", {})
    for name, value in conditions(first).items():
        assert answer(world, "GET", "/courier/all.atom", {name: value}).status == 304
    assert answer(world, "GET", "/courier/all.atom", {"if-none-match": '"other"'}).status == 200


def test_the_same_moment_gives_the_same_bytes(world: World) -> None:
    other = World(load_papers(), start=START)
    for path in SPECS:
        assert write(world.sheet(path)) == write(other.sheet(path))  # type: ignore[arg-type]


def test_advancing_brings_an_entry_at_least_every_half_minute_for_a_quarter_of_an_hour(world: World) -> None:
    before = sum(len(world.records(slug)) for slug in world.papers)
    for _ in range(30):
        world.advance(30)
        now = sum(len(world.records(slug)) for slug in world.papers)
        assert now > before
        before = now


def test_release_publishes_one_item_now(world: World) -> None:
    path = "/courier/news.xml"
    before = ids_and_titles(path, write(world.sheet(path)))  # type: ignore[arg-type]
    item = world.release("bridge-second-report")
    after = ids_and_titles(path, write(world.sheet(path)))  # type: ignore[arg-type]
    assert [title for _, title in after] == [item.title, *(title for _, title in before)]
    with pytest.raises(KeyError):
        world.release("no-such-item")


def test_the_clock_can_be_turned_over_http(origin: Origin) -> None:
    count = len(origin.world.records("courier"))
    assert get(origin, "/_world/release?id=courier/hale-interview", "POST")[0] == 204
    assert get(origin, "/_world/advance?seconds=30", "POST")[0] == 204
    assert len(origin.world.records("courier")) == count + 2
    assert get(origin, "/_world/release?id=nothing", "POST")[0] == 400


def test_there_is_enough_to_fill_a_newspaper(world: World) -> None:
    assert len(PAPERS) == 12
    assert len(SPECS) >= 30
    records = [record for slug in world.papers for record in world.records(slug)]
    assert len(records) >= 150
    assert sum(len(r.body.split()) >= 300 and "<h2>" in r.body for r in records) >= 10
    assert {spec.format for spec in SPECS.values()} == {
        "rss091", "rss092", "rss10", "rss20", "podcast", "atom03", "atom10", "json1", "json11",
    }  # fmt: skip
    assert all((START - r.published).days < 15 for r in records)


def test_the_origin_speaks_http_and_logs_each_request(origin: Origin) -> None:
    status, headers, body = get(origin, "/courier/news.xml", Accept_Encoding="gzip", X_Mark="1")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(body).startswith(b"<?xml")
    status, headers, body = get(origin, "/courier/news.xml", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 1000
    assert get(origin, "/courier/news.xml", "PUT")[0] == 405
    assert get(origin, "/nowhere")[0] == 404
    log = [(r.method, r.path, r.status) for r in origin.log]
    assert log[0] == ("GET", "/courier/news.xml", 200)
    assert origin.log[0].headers["x-mark"] == "1"
    assert [status for _, _, status in log] == [200, 200, 405, 404]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/courier/old.xml", 301),
        ("/courier/today.xml", 302),
        ("/courier/further-back.xml", 308),
        ("/oddments/closed.xml", 410),
        ("/lamp/broken.xml", 500),
        ("/lamp/busy.xml", 503),
        ("/oddments/slow.xml", 200),
        ("/oddments/page.xml", 200),
    ],
)
def test_some_addresses_are_in_trouble(origin: Origin, path: str, status: int) -> None:
    found, headers, _ = get(origin, path)
    assert found == status
    if 300 <= status < 400:
        assert headers["location"].startswith(origin.url)


def test_home_pages_announce_their_feeds(origin: Origin) -> None:
    for slug, paper in origin.world.papers.items():
        status, _, body = get(origin, f"/{slug}/")
        assert status == 200
        page = body.decode()
        assert all(f'href="{spec.path}"' in page for spec in paper.documents)


def test_every_picture_and_sound_of_the_feeds_is_there(world: World) -> None:
    world.advance(100_000)
    for record in (record for slug in world.papers for record in world.records(slug)):
        for url in filter(None, [record.image, record.audio[0] if record.audio else ""]):
            found = answer(world, "GET", urlsplit(url).path, {})
            assert found.status == 200
            assert found.body[:4] in (b"\x89PNG", b"RIFF", b"\xff\xf3\x10\xc0")
            if record.audio and url == record.audio[0]:
                assert len(found.body) == record.audio[2]


def test_every_link_of_an_ordinary_article_leads_to_a_page_with_its_title(world: World) -> None:
    for record in world.records("courier"):
        page = answer(world, "GET", urlsplit(record.link).path, {})
        assert page.status == 200
        assert record.summary.split()[0].encode() in page.body


def test_a_sound_can_be_played_from_the_middle(world: World) -> None:
    whole = answer(world, "GET", "/media/x-2.wav", {}).body
    part = answer(world, "GET", "/media/x-2.wav", {"range": "bytes=100-199"})
    assert (part.status, part.body) == (206, whole[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"


def test_a_misspelt_key_in_the_stock_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: A\ntagline: b\ndocuments: {}\n---\n=== x\ntitel: y\nat: -1h\n\nText\n"
    )
    with pytest.raises(StockError, match="titel"):
        load_papers(tmp_path)


def test_spans_are_read_as_seconds() -> None:
    assert [seconds(text) for text in ("-2d3h", "90", "+1h30m", "45s")] == [-183_600, 90, 5400, 45]


def test_a_revision_changes_text_and_date_but_not_the_entry(world: World) -> None:
    before = {r.item.id: r for r in world.records("metropole")}
    world.release("mw-quake-toll")
    after = {r.item.id: r for r in world.records("metropole")}
    assert before.keys() == after.keys()
    assert "163" in after["mw-quake"].item.title
    assert after["mw-quake"].guid == before["mw-quake"].guid
    assert before["mw-quake"].updated is None
    assert after["mw-quake"].updated == world.now


def test_notices_go_on_when_the_written_stock_is_out(world: World) -> None:
    world.advance(100_000)
    newest = world.records("gazette")[0]
    world.advance(75)
    assert world.records("gazette")[0].item.id != newest.item.id
    assert "|" not in newest.item.title + newest.body
    assert "{" not in newest.item.title + newest.body


def test_the_origin_ends_while_a_client_keeps_its_connection(world: World) -> None:
    with Origin(world) as origin:
        parts = urlsplit(origin.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        connection.request("GET", "/courier/")
        connection.getresponse().read()
    connection.close()
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        get(origin, "/courier/")


def test_every_source_of_the_demo_configuration_is_an_address_of_the_world(world: World) -> None:
    configured = yaml.safe_load((ROOT / "config" / "demo.yaml").read_text(encoding="utf-8"))
    assert len(configured["topics"]) >= 8
    assert len(configured["feeds"]) >= 4
    paths = [urlsplit(source["url"]).path for source in configured["sources"]]
    assert {path.split("/")[1] for path in paths} == set(world.papers)
    for path in paths:
        assert answer(world, "GET", path, {}).status != 404, path


def test_every_paper_and_key_of_the_world_is_documented() -> None:
    page = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
    names = [paper.slug for paper in PAPERS] + [spec.format for spec in SPECS.values()]
    names += ["at", "after", "revises", "image", "audio", "date", "guid", "link", "series", "oddities"]
    assert [name for name in names if not re.search(rf"\b{name}\b", page)] == []


def test_the_break_in_left_every_kind_of_trace(world: World) -> None:
    body = write(world.sheet("/oddments/hostile.xml")).decode()  # type: ignore[arg-type]
    for trace in (
        "<script>",
        "onerror=",
        "javascript:",
        "srcdoc=",
        'width="1" height="1"',
        "formaction",
        "<base ",
    ):
        assert trace in body


def test_the_notebook_has_every_odd_id_and_date(world: World) -> None:
    feed = feedparser.parse(io.BytesIO(write(world.sheet("/oddments/rss.xml"))), response_headers={})  # type: ignore[arg-type]
    dates = [entry.get("published", "") for entry in feed.entries]
    assert "" in dates
    assert any(re.fullmatch(r"\d\d \w{3} \d\d \d\d:\d\d GMT", date) for date in dates)
    assert any("Tuesday before last" in date for date in dates)
    assert any(
        entry.get("published_parsed") and entry.published_parsed > START.timetuple() for entry in feed.entries
    )
    assert [entry.get("id") for entry in feed.entries].count("buns") == 2
    shed = feedparser.parse(io.BytesIO(write(world.sheet("/oddments/noids.xml"))), response_headers={})  # type: ignore[arg-type]
    assert not any("id" in entry for entry in shed.entries)


def test_several_papers_tell_the_same_event_in_their_own_words(world: World) -> None:
    def papers(pattern: str) -> set[str]:
        told = [(slug, r.item.title) for slug in world.papers for r in world.records(slug)]
        assert len({title for _, title in told}) >= len(told) - 2
        return {slug for slug, title in told if re.search(pattern, title)}

    assert len(papers(r"Lambourne|The crack")) >= 5
    assert len(papers("Reserve Bank|quarter of a point")) >= 4
    assert len(papers("Marovia")) >= 2
    assert len(papers("Harrowgate")) >= 3
    assert len(papers("Rosalind|engagement")) >= 4


def test_quotation_marks_are_turned_outside_tags_only() -> None:
    html = """<p class="a">"It's <em>here</em>," she said ('now').</p>"""
    assert curled(html) == """<p class="a">“It’s <em>here</em>,” she said (‘now’).</p>"""
