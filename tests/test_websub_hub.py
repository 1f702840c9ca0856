"""The hub side of WebSub, row by row as its public test suite numbers them, and the publisher's checks.

One running instance polls one growing paper and publishes it; subscribers live at a scripted origin.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from lxml import etree

from tests.origin import Origin
from tests.pushing import Paper, Reader, ask_hub, asked, call, signature, write_config
from tests.running import Running, free_port, running, wait_until

ATOM = "{http://www.w3.org/2005/Atom}"
FORMATS = ("atom", "rss", "json")


@dataclass
class Scene:
    """The running instance, its paper and the origin where subscribers live."""

    origin: Origin
    program: Running
    paper: Paper
    readers: int = 0

    @property
    def hub(self) -> str:
        return f"{self.program.url}/hub"

    def topic(self, suffix: str = "atom", place: str = "feeds/all") -> str:
        return f"{self.program.url}/{place}.{suffix}"

    def reader(self) -> Reader:
        """A new subscriber with an address of its own."""
        self.readers += 1
        return Reader(self.origin, f"/callback/{self.readers}")

    def subscribe(self, reader: Reader, topic: str | None = None, **more: str) -> None:
        """Subscribe and wait until the hub has believed it."""
        before = self.confirmed("subscribe")
        assert ask_hub(self.hub, reader.url, topic or self.topic(), **more) == 202
        wait_until(lambda: self.confirmed("subscribe") > before, what="a confirmed subscription")

    def confirmed(self, mode: str) -> int:
        return self.program.log.read_text().count(f"mode={mode} outcome=ok")

    def publish(self) -> str:
        """Have the paper print something new; return its title."""
        title = f"Barge {len(self.paper.titles) + 1} arrives"
        self.paper.titles.insert(0, title)
        return title

    def publish_to(self, reader: Reader) -> bytes:
        """Publish, wait for the reader to have it, and return what it was sent."""
        title = self.publish()
        wait_until(
            lambda: any(title.encode() in seen.body for seen in reader.deliveries),
            timeout_s=15,
            what="a delivery",
        )
        return reader.deliveries[-1].body


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    port = free_port()
    with Origin() as origin:
        paper = Paper(origin)
        config = write_config(tmp_path_factory.mktemp("hub"), port, [(paper.url, "1s")])
        with running(config, f"http://127.0.0.1:{port}") as program:
            wait_until(lambda: b"Barge one" in program.get("/feeds/all.atom")[2], what="the first entry")
            yield Scene(origin, program, paper)


def test_100_a_subscription_is_verified_and_gets_the_document_as_it_is_served(scene: Scene) -> None:
    reader = scene.reader()
    scene.subscribe(reader, lease_seconds="7200")
    question = asked(reader.questions[0])
    assert question["hub.mode"] == "subscribe"
    assert question["hub.topic"] == scene.topic()
    assert question["hub.lease_seconds"] == "7200"
    assert len(question["hub.challenge"]) >= 20

    body = scene.publish_to(reader)
    delivery = reader.deliveries[-1]
    served = scene.program.get("/feeds/all.atom")
    wait_until(lambda: scene.program.get("/feeds/all.atom")[2] == body, what="the same bytes being served")
    assert delivery.header("Content-Type") == served[1]["content-type"]
    links = delivery.header("Link") or ""
    assert f'<{scene.hub}>; rel="hub"' in links
    assert f'<{scene.topic()}>; rel="self"' in links
    assert delivery.header("X-Hub-Signature") is None


def test_101_a_secret_signs_every_delivery(scene: Scene) -> None:
    reader = scene.reader()
    scene.subscribe(reader, secret="between us two")
    body = scene.publish_to(reader)
    assert reader.deliveries[-1].header("X-Hub-Signature") == signature("between us two", body)


def test_102_parameters_we_do_not_know_are_ignored(scene: Scene) -> None:
    reader = scene.reader()
    form = f"foo=bar&hub.foo=x&hub.mode=subscribe&hub.topic={scene.topic()}&hub.callback={reader.url}"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert call(scene.hub, form.encode(), kind)[0] == 202
    wait_until(lambda: reader.questions)
    scene.publish_to(reader)


def test_103_subscribing_again_is_verified_again_and_gives_one_delivery(scene: Scene) -> None:
    reader, other = scene.reader(), scene.reader()
    scene.subscribe(reader, secret="old")
    scene.subscribe(reader, secret="new")
    scene.subscribe(other)
    assert len(reader.questions) == 2
    challenges = {asked(question)["hub.challenge"] for question in reader.questions}
    assert len(challenges) == 2
    title = scene.publish_to(other)
    wait_until(lambda: reader.deliveries)
    scene.publish_to(other)
    wait_until(lambda: len(reader.deliveries) >= 2)
    assert len(reader.deliveries) == 2
    assert reader.deliveries[0].header("X-Hub-Signature") == signature("new", reader.deliveries[0].body)
    assert title


def test_a_renewal_that_is_not_confirmed_leaves_the_subscription_as_it_was(scene: Scene) -> None:
    reader = scene.reader()
    scene.subscribe(reader, secret="old")
    reader.confirms = False
    assert ask_hub(scene.hub, reader.url, scene.topic(), secret="forged") == 202
    assert ask_hub(scene.hub, reader.url, scene.topic(), "unsubscribe") == 202
    wait_until(lambda: len(reader.questions) >= 2)
    body = scene.publish_to(reader)
    assert reader.deliveries[-1].header("X-Hub-Signature") == signature("old", body)


def test_104_after_unsubscribing_nothing_is_delivered(scene: Scene) -> None:
    reader, other = scene.reader(), scene.reader()
    scene.subscribe(reader)
    scene.subscribe(other)
    before = scene.confirmed("unsubscribe")
    assert ask_hub(scene.hub, reader.url, scene.topic(), "unsubscribe") == 202
    wait_until(lambda: scene.confirmed("unsubscribe") > before)
    question = asked(reader.questions[-1])
    assert question["hub.mode"] == "unsubscribe"
    assert "hub.lease_seconds" not in question
    scene.publish_to(other)
    scene.publish_to(other)
    assert reader.deliveries == []


@pytest.mark.parametrize("suffix", ["rss", "json"])
def test_105_and_106_every_format_is_delivered_as_it_is(scene: Scene, suffix: str) -> None:
    reader = scene.reader()
    scene.subscribe(reader, scene.topic(suffix))
    body = scene.publish_to(reader)
    status, headers, _ = scene.program.get(f"/feeds/all.{suffix}")
    assert status == 200
    assert reader.deliveries[-1].header("Content-Type") == headers["content-type"]
    wait_until(lambda: scene.program.get(f"/feeds/all.{suffix}")[2] == body)


def test_topics_and_sources_are_pushed_like_feeds(scene: Scene) -> None:
    reader = scene.reader()
    scene.subscribe(reader, scene.topic(place="sources/feed"))
    scene.publish_to(reader)


def test_a_publish_ping_is_accepted(scene: Scene) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert call(scene.hub, f"hub.mode=publish&hub.topic={scene.topic()}".encode(), kind)[0] == 202


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hub.mode": "dance"}, "hub.mode"),
        ({"hub.topic": "https://elsewhere.example/feed"}, "hub.topic"),
        ({"hub.topic": "{site}/feeds/unknown.atom"}, "hub.topic"),
        ({"hub.topic": "{site}/feeds/all.atom?q=barge"}, "hub.topic"),
        ({"hub.topic": ""}, "hub.topic"),
        ({"hub.callback": ""}, "hub.callback"),
        ({"hub.callback": "ftp://a.example/"}, "hub.callback"),
        ({"hub.callback": "http://a.example/#part"}, "hub.callback"),
        ({"hub.callback": "http://[broken"}, "hub.callback"),
        ({"hub.lease_seconds": "soon"}, "hub.lease_seconds"),
        ({"hub.secret": "s" * 200}, "hub.secret"),
    ],
)
def test_a_request_that_cannot_be_granted_is_told_why(
    scene: Scene, changed: dict[str, str], said: str
) -> None:
    form = {"hub.mode": "subscribe", "hub.topic": scene.topic(), "hub.callback": "http://127.0.0.1:9/x"}
    form |= {key: value.replace("{site}", scene.program.url) for key, value in changed.items()}
    body = "&".join(f"{key}={value.replace('#', '%23').replace('?', '%3F')}" for key, value in form.items())
    status, text = call(scene.hub, body.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 400
    assert said.encode() in text


def test_a_callback_keeps_its_own_query(scene: Scene) -> None:
    reader = scene.reader()
    reader.url += "?key=1%2F2"
    scene.subscribe(reader)
    assert reader.questions[0].target.partition("?")[2].startswith("key=1%2F2&hub.mode=subscribe")
    scene.publish_to(reader)
    assert reader.deliveries[-1].target.endswith("?key=1%2F2")


def test_leases_have_an_end_whatever_is_asked(scene: Scene) -> None:
    granted = {}
    for lease in ("", "1", "99999999999", "864000"):
        reader = scene.reader()
        scene.subscribe(reader, lease_seconds=lease)
        granted[lease] = int(asked(reader.questions[0])["hub.lease_seconds"])
    assert granted == {"": 864_000, "1": 300, "99999999999": 2_592_000, "864000": 864_000}


def test_410_ends_a_subscription(scene: Scene) -> None:
    reader, other = scene.reader(), scene.reader()
    scene.subscribe(reader)
    scene.subscribe(other)
    reader.status = 410
    scene.publish_to(other)
    wait_until(lambda: reader.deliveries)
    scene.publish_to(other)
    scene.publish_to(other)
    assert len(reader.deliveries) == 1


def test_a_redirect_from_a_subscriber_is_a_failure_and_not_followed(scene: Scene) -> None:
    reader = scene.reader()
    scene.subscribe(reader)
    reader.status = 302
    scene.publish()
    wait_until(lambda: reader.deliveries)
    wait_until(lambda: "reason='it answered 302'" in scene.program.log.read_text())


def test_a_challenge_that_is_not_echoed_subscribes_nobody(scene: Scene) -> None:
    reader, other = scene.reader(), scene.reader()
    reader.confirms = False
    assert ask_hub(scene.hub, reader.url, scene.topic()) == 202
    wait_until(lambda: reader.questions)
    scene.subscribe(other)
    scene.publish_to(other)
    assert reader.deliveries == []


def header_links(value: str, rel: str) -> list[str]:
    return re.findall(rf'<([^>]*)>; rel="{rel}"', value)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("place", ["feeds/all", "sources/feed"])
def test_every_document_names_one_self_and_the_hub_in_headers_and_inside(
    scene: Scene, suffix: str, place: str
) -> None:
    status, headers, body = scene.program.get(f"/{place}.{suffix}")
    own = scene.topic(suffix, place)
    assert status == 200
    assert header_links(headers["link"], "self") == [own]
    assert header_links(headers["link"], "hub") == [scene.hub]
    if suffix == "json":
        document = json.loads(body)
        assert document["feed_url"] == own
        assert document["hubs"] == [{"type": "WebSub", "url": scene.hub}]
        return
    top = etree.fromstring(body)
    links = top.findall(f"{ATOM}link") if suffix == "atom" else top[0].findall(f"{ATOM}link")
    assert [one.get("href") for one in links if one.get("rel") == "self"] == [own]
    assert [one.get("href") for one in links if one.get("rel") == "hub"] == [scene.hub]


def test_the_page_of_a_feed_names_the_hub_and_what_is_pushed(scene: Scene) -> None:
    _, headers, body = scene.program.get("/feeds/all", {"Accept": "text/html"})
    assert header_links(headers["link"], "self") == [scene.topic()]
    assert header_links(headers["link"], "hub") == [scene.hub]
    head = etree.HTML(body).find("head")
    assert [one.get("href") for one in head.findall("link") if one.get("rel") == "self"] == [scene.topic()]
    assert [one.get("href") for one in head.findall("link") if one.get("rel") == "hub"] == [scene.hub]


def test_a_narrowed_feed_is_not_pushed_and_names_no_hub(scene: Scene) -> None:
    _, headers, body = scene.program.get("/feeds/all.atom?q=barge")
    assert header_links(headers["link"], "hub") == []
    assert b'rel="hub"' not in body
