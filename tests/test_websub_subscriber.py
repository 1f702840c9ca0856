"""The subscriber side of WebSub, row by row as its public test suite numbers them, on a running instance.

One instance reads one source for each row from a scripted origin, which is publisher and hub at
once. Nothing is polled twice within a test: what is new can only have been pushed.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.origin import Origin, Reply, redirect
from tests.pushing import ATOM_TYPE, Hub, atom, call, write_config
from tests.running import Running, free_port, running, wait_until

HTML = ("Content-Type", "text/html; charset=utf-8")
RSS = ("Content-Type", "text/xml")


@dataclass
class Scene:
    """The running instance and everything it reads and subscribes at."""

    origin: Origin
    program: Running
    hubs: dict[str, Hub]

    def hub(self, row: str) -> Hub:
        """The hub of a row, once it was asked to subscribe."""
        hub = self.hubs[row]
        wait_until(lambda: hub.requests, what=f"a subscription for {row}")
        return hub

    def topic(self, row: str) -> str:
        """What was subscribed to."""
        return self.hub(row).requests[0]["hub.topic"]

    def has(self, row: str, text: str) -> bool:
        """Whether the row's source has an article with these words."""
        return text.encode() in self.program.get(f"/sources/{row}.atom")[2]


def link(url: str, rel: str) -> str:
    return f'<{url}>; rel="{rel}"'


def rss(hub: str, own: str) -> bytes:
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Harbour</title>'
        "<link>https://harbour.example/</link><description>All that floats</description>"
        f'<atom:link rel="self" href="{own}"/><atom:link rel="hub" href="{hub}"/>'
        "<item><title>Barge one</title><guid>https://harbour.example/Barge-one</guid></item></channel></rss>"
    ).encode()


def page(hub: str, own: str) -> bytes:
    items = "".join(
        f'<article><h2><a href="/{n}">Barge {n} passes the bridge</a></h2></article>' for n in range(5)
    )
    head = f'<title>Harbour</title><link rel="hub" href="{hub}"><link rel="self" href="{own}">'
    stray = '<link rel="hub" href="/stray-hub">'
    return f"<!doctype html><html><head>{head}</head><body>{items}{stray}</body></html>".encode()


def publish(origin: Origin) -> tuple[list[str], dict[str, Hub]]:
    """Script all rows; return the URLs of the sources and the hubs."""
    rows = ("h100", "page101", "a102", "r103", "h104", "s200", "t201", "t202", "m203", "m204", "w205")
    rows += ("d300", "d301", "d302", "json", "relative", "private", "denied", "digests", "later", "slow")
    hubs = {row: Hub(origin, f"/hub/{row}", verifies=row not in {"w205", "later"}) for row in rows}

    def serve(row: str, *headers: tuple[str, str], body: bytes, kind: tuple[str, str] = ATOM_TYPE) -> None:
        origin.on(f"/{row}", Reply(200, (kind, *headers), body))

    def in_headers(row: str, hub: str = "", own: str = "") -> None:
        target = origin.url(own or f"/{row}")
        said = ("Link", f"{link(hub or hubs[row].url, 'hub')}, {link(target, 'self')}")
        serve(row, said, body=atom(["Barge one"]))

    for row in ("h100", "w205", "d300", "d301", "d302", "denied", "digests", "later", "slow"):
        in_headers(row)
    serve("page101", body=page(hubs["page101"].url, origin.url("/page101")), kind=HTML)
    serve("a102", body=atom(["Barge one"], hub=hubs["a102"].url, own=origin.url("/a102")))
    serve("r103", body=rss(hubs["r103"].url, origin.url("/r103")), kind=RSS)
    wrong = origin.on("/hub/wrong", Reply(400, (), b"wrong tag"))
    serve(
        "h104",
        ("Link", link(hubs["h104"].url, "hub")),
        ("Link", link(origin.url("/h104"), "self")),
        body=atom(["Barge one"], hub=wrong, own=origin.url("/h104?error=wrongtag")),
    )
    in_headers("s200", own="/s200?self=other")
    for row, status in (("t201", 302), ("t202", 301)):
        own = f"/{row}?redirect=complete"
        origin.on(f"/{row}", redirect(own, status))
        said = ("Link", f"{link(hubs[row].url, 'hub')}, {link(origin.url(own), 'self')}")
        origin.on(own, Reply(200, (ATOM_TYPE, said), atom(["Barge one"])))
    for row, status in (("m203", 307), ("m204", 308)):
        in_headers(row, hub=origin.on(f"/moved/{row}", redirect(hubs[row].url, status)))
    body = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Harbour",'
        f' "feed_url": "{origin.url("/json")}",'
        f' "hubs": [{{"type": "rssCloud"}}, {{"type": "WebSub", "url": "{hubs["json"].url}"}}],'
        ' "items": [{"id": "1", "content_text": "Barge one"}]}'
    )
    serve("json", body=body.encode(), kind=("Content-Type", "application/feed+json"))
    said = ("Link", '</relative>; title="a, b"; rel="alternate self", <hub/relative>;rel=hub')
    serve("relative", said, body=atom(["Barge one"]))
    elsewhere = origin.url("/hub/private").replace("127.0.0.1", "127.0.0.9")
    in_headers("private", hub=origin.on("/moved/private", redirect(elsewhere, 307)))
    return [origin.url(f"/{row}") for row in rows], hubs


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    port = free_port()
    with Origin() as origin:
        urls, hubs = publish(origin)
        config = write_config(
            tmp_path_factory.mktemp("subscriber"),
            port,
            [(url, "1h") for url in urls],
            # addresses next to it are private to the guard
            allow=f"'127.0.0.1:{origin.port}'",
        )
        with running(config, f"http://127.0.0.1:{port}") as program:
            yield Scene(origin, program, hubs)


def test_100_link_headers_name_hub_and_topic(scene: Scene) -> None:
    assert scene.topic("h100") == scene.origin.url("/h100")


def test_101_links_in_the_head_of_a_page_name_them_and_those_in_its_body_do_not(scene: Scene) -> None:
    assert scene.topic("page101") == scene.origin.url("/page101")
    assert not scene.origin.seen("/stray-hub")


def test_102_atom_links_name_them(scene: Scene) -> None:
    assert scene.topic("a102") == scene.origin.url("/a102")


def test_103_atom_links_in_rss_name_them(scene: Scene) -> None:
    assert scene.topic("r103") == scene.origin.url("/r103")


def test_104_headers_beat_the_document(scene: Scene) -> None:
    assert scene.topic("h104") == scene.origin.url("/h104")
    assert not scene.origin.seen("/hub/wrong")


def test_200_the_topic_is_the_self_link_not_the_address_that_was_asked(scene: Scene) -> None:
    assert scene.topic("s200") == scene.origin.url("/s200?self=other")


@pytest.mark.parametrize("row", ["t201", "t202"])
def test_201_and_202_a_redirected_topic_is_subscribed_where_it_is(scene: Scene, row: str) -> None:
    assert scene.topic(row) == scene.origin.url(f"/{row}?redirect=complete")


@pytest.mark.parametrize("row", ["m203", "m204"])
def test_203_and_204_a_redirected_hub_gets_the_same_request(scene: Scene, row: str) -> None:
    request = scene.hub(row).requests[0]
    assert request["hub.mode"] == "subscribe"
    assert request["hub.topic"] == scene.origin.url(f"/{row}")
    assert scene.hub(row).echoes == [(200, b"chal-lenge 1")]


def test_205_a_verification_of_something_else_is_404_and_loses_nothing_that_is_pending(scene: Scene) -> None:
    hub = scene.hub("w205")
    form = hub.requests[0]
    assert hub.verify(form, topic=scene.origin.url("/other"))[0] == 404
    assert hub.verify(form, mode="unsubscribe")[0] == 404
    assert hub.verify(form, mode="denied", topic=scene.origin.url("/other"))[0] == 404
    assert hub.verify({**form, "hub.callback": form["hub.callback"] + "x"})[0] == 404
    assert hub.verify(form) == (200, b"chal-lenge 1")


def test_verification_may_come_while_our_request_is_still_open(scene: Scene) -> None:
    assert scene.hub("h100").echoes == [(200, b"chal-lenge 1")]


def test_verification_may_come_after_our_request_was_answered(scene: Scene) -> None:
    hub = scene.hub("later")
    assert hub.echoes == []
    assert hub.verify(hub.requests[0]) == (200, b"chal-lenge 1")
    # a hub may ask once more
    assert hub.verify(hub.requests[0]) == (200, b"chal-lenge 1")


def test_300_a_delivery_is_accepted_at_once_and_taken_in_within_moments(scene: Scene) -> None:
    hub = scene.hub("d300")
    polls = len(scene.origin.seen("/d300"))
    assert hub.deliver(atom(["Barge two", "Barge one"])) == 202
    wait_until(lambda: scene.has("d300", "Barge two"), timeout_s=10)
    assert len(scene.origin.seen("/d300")) == polls


def test_301_a_wrong_signature_is_refused_and_not_read(scene: Scene) -> None:
    hub = scene.hub("d301")
    body = atom(["Forged one"])
    for header in ("sha256=" + "0" * 64, "sha256=", "junk", "md5=abc", "sha256=\xe9"):
        assert hub.deliver(body, header=header) == 403
    # signed for another body
    assert hub.deliver(body + b" ", header="sha256=" + "1" * 64) == 403
    assert hub.deliver(atom(["True one"])) == 202
    wait_until(lambda: scene.has("d301", "True one"), timeout_s=10)
    assert not scene.has("d301", "Forged one")


def test_302_a_delivery_without_signature_is_refused(scene: Scene) -> None:
    hub = scene.hub("d302")
    assert hub.deliver(atom(["Unsigned one"]), header="") == 403
    assert hub.deliver(atom(["Signed one"])) == 202
    wait_until(lambda: scene.has("d302", "Signed one"), timeout_s=10)
    assert not scene.has("d302", "Unsigned one")


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_method_of_the_recommendation_is_understood(scene: Scene, method: str) -> None:
    assert scene.hub("digests").deliver(atom([f"Signed with {method}"]), method=method) == 202
    wait_until(lambda: scene.has("digests", f"Signed with {method}"), timeout_s=10)


def test_hubs_of_a_json_feed_are_found(scene: Scene) -> None:
    assert scene.topic("json") == scene.origin.url("/json")


def test_relative_links_with_several_relations_are_found(scene: Scene) -> None:
    assert scene.topic("relative") == scene.origin.url("/relative")


def test_a_hub_that_redirects_to_a_private_address_is_refused(scene: Scene) -> None:
    scene.origin.wait_for("/moved/private")
    wait_until(lambda: "127.0.0.9 is not contacted" in scene.program.log.read_text())
    assert scene.hubs["private"].requests == []


def test_a_denied_subscription_takes_no_deliveries(scene: Scene) -> None:
    hub = scene.hub("denied")
    assert hub.verify(hub.requests[0], mode="denied", reason="no more")[0] == 200
    assert hub.deliver(atom(["Late one"])) == 410


def test_callbacks_and_secrets_cannot_be_guessed_and_are_used_once(scene: Scene) -> None:
    requests = [scene.hub(row).requests[0] for row in ("h100", "a102", "s200")]
    for field in ("hub.callback", "hub.secret"):
        values = [request[field].rpartition("/")[2] for request in requests]
        assert len(set(values)) == len(values)
        assert all(40 <= len(value) < 200 for value in values)
    assert call(requests[0]["hub.callback"][:-3] + "abc", b"x")[0] == 404


def test_a_delivery_in_an_unknown_coding_or_too_large_is_refused(scene: Scene) -> None:
    hub = scene.hub("slow")
    form = hub.requests[0]
    assert call(form["hub.callback"], b"x", {"Content-Encoding": "gzip"})[0] == 415
    connection = http.client.HTTPConnection(urlsplit(form["hub.callback"]).netloc, timeout=10)
    connection.request("POST", urlsplit(form["hub.callback"]).path, headers={"Content-Length": "16100000"})
    assert connection.getresponse().status == 413
    connection.close()


def test_what_cannot_be_read_costs_nothing_and_the_next_delivery_is_taken_in(scene: Scene) -> None:
    hub = scene.hub("slow")
    assert hub.deliver(b"<html>no feed</html>", "text/html") == 202
    assert hub.deliver(atom(["After the noise"])) == 202
    wait_until(lambda: scene.has("slow", "After the noise"), timeout_s=10)
