"""Two sides of a push for tests: documents that grow, subscribers and hubs on scripted origins."""

from __future__ import annotations

import hashlib
import hmac
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.origin import HeaderPairs, Origin, Reply, Seen

ATOM_TYPE = ("Content-Type", "application/atom+xml; charset=utf-8")


def atom(titles: Sequence[str], *, hub: str = "", own: str = "") -> bytes:
    """An Atom document with one entry for each title."""
    links = (f'<link rel="hub" href="{hub}"/>' if hub else "") + (
        f'<link rel="self" href="{own}"/>' if own else ""
    )
    entries = "".join(
        f"<entry><id>tag:harbour.example,2026:{title.replace(' ', '-')}</id><title>{title}</title>"
        f'<link href="https://harbour.example/{title.replace(" ", "-")}"/>'
        f"<updated>2026-03-01T08:00:00Z</updated><content>Words about {title}.</content></entry>"
        for title in titles
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:harbour.example,2026:feed</id>'
        f"<title>Harbour</title><updated>2026-03-01T08:00:00Z</updated>{links}{entries}</feed>"
    ).encode()


class Paper:
    """A feed at an origin that entries can be added to."""

    def __init__(self, origin: Origin, path: str = "/feed.atom", headers: HeaderPairs = ()) -> None:
        self.titles = ["Barge one"]
        self._headers = headers
        self.url = origin.on(path, self._answer)

    def _answer(self, _seen: Seen) -> Reply:
        return Reply(200, (ATOM_TYPE, *self._headers), atom(self.titles))


class Reader:
    """A subscriber at an origin: confirms what it is asked and keeps what it is sent."""

    def __init__(self, origin: Origin, path: str = "/callback") -> None:
        self._origin, self._path = origin, path
        #: answers to deliveries: the status
        self.status = 204
        self.confirms = True
        self.url = origin.on(path, self._answer)

    def _answer(self, seen: Seen) -> Reply:
        if seen.method == "POST":
            return Reply(self.status)
        challenge = asked(seen).get("hub.challenge", "")
        return Reply(200, (), challenge.encode() if self.confirms else b"no")

    @property
    def questions(self) -> list[Seen]:
        """Verifications so far."""
        return [seen for seen in self._origin.seen(self._path) if seen.method == "GET"]

    @property
    def deliveries(self) -> list[Seen]:
        """Deliveries so far."""
        return [seen for seen in self._origin.seen(self._path) if seen.method == "POST"]


def asked(seen: Seen) -> dict[str, str]:
    """The parameters of a verification."""
    return {key: values[0] for key, values in parse_qs(urlsplit(seen.target).query).items()}


def posted(seen: Seen) -> dict[str, str]:
    """The form fields of a request to a hub."""
    return {key: values[0] for key, values in parse_qs(seen.body.decode()).items()}


def signature(secret: str, body: bytes, method: str = "sha256") -> str:
    """What a hub that knows *secret* writes into X-Hub-Signature."""
    return f"{method}=" + hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()


def slug_of(url: str) -> str:
    """The slug that write_config() gives the source of *url*: the last part of its path."""
    return urlsplit(url).path.rpartition("/")[2].partition(".")[0]


def write_config(folder: Path, port: int, sources: Sequence[tuple[str, str]], **more: str) -> Path:
    """Write the configuration of an instance on *port*; sources are (url, every).

    All of loopback may be contacted, unless more["allow"] says otherwise.
    """
    folder.mkdir(exist_ok=True)
    listed = "\n".join(
        f"  - {{{'page' if 'page' in url else 'url'}: '{url}', id: {slug_of(url)}, every: {every}}}"
        for url, every in sources
    )
    path = folder / "aggregator.yaml"
    path.write_text(
        f"""
site: {{title: Harbour News, url: 'http://127.0.0.1:{port}'}}
web: {{listen: '127.0.0.1:{port}'}}
database: sqlite:///store.db
fetch: {{allow_private: [{more.get("allow", "127.0.0.0/8")}]}}
websub: {more.get("websub", "{}")}
sources:
{listed}
feeds:
  all: {{title: All of it}}
  none: {{title: Nothing yet, query: 'title:nowhere'}}
""",
        "utf-8",
    )
    return path


class Hub:
    """A hub of somebody else: takes requests, calls back before it answers, and delivers."""

    def __init__(self, origin: Origin, path: str, *, lease_s: int = 7200, verifies: bool = True) -> None:
        self._lease_s, self._verifies = lease_s, verifies
        #: form fields of the requests taken, in order
        self.requests: list[dict[str, str]] = []
        #: (status, body) of what the callbacks said
        self.echoes: list[tuple[int, bytes]] = []
        self.url = origin.on(path, self._answer)

    def _answer(self, seen: Seen) -> Reply:
        if seen.method != "POST":
            return Reply(405)
        form = posted(seen)
        if self._verifies:
            self.echoes.append(self.verify(form))
        self.requests.append(form)
        return Reply(202)

    def verify(self, form: dict[str, str], **changed: str) -> tuple[int, bytes]:
        """Ask the callback of *form*, with parameters *changed* (``topic="…"``)."""
        said = {"mode": form["hub.mode"], "topic": form["hub.topic"], "challenge": "chal-lenge 1", **changed}
        if said["mode"] == "subscribe":
            said.setdefault("lease_seconds", str(self._lease_s))
        return call(form["hub.callback"] + "?" + urlencode({f"hub.{key}": said[key] for key in said}))

    def deliver(
        self,
        body: bytes,
        content_type: str = ATOM_TYPE[1],
        *,
        method: str = "sha256",
        header: str | None = None,
        to: int = -1,
    ) -> int:
        """Deliver to the callback of a request taken; *header* instead of the true signature, "" for none."""
        form = self.requests[to]
        signed = signature(form["hub.secret"], body, method) if header is None else header
        headers = {"Content-Type": content_type, **({"X-Hub-Signature": signed} if signed else {})}
        return call(form["hub.callback"], body, headers)[0]


def call(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Send a GET, or a POST of *body*; return status and body."""
    request = urllib.request.Request(url, data=body, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def ask_hub(hub: str, callback: str, topic: str, mode: str = "subscribe", **more: str) -> int:
    """Send a subscriber's request; return the status."""
    form = {"hub.mode": mode, "hub.callback": callback, "hub.topic": topic}
    form |= {f"hub.{key}": value for key, value in more.items()}
    return call(hub, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})[0]
