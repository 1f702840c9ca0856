"""Two sides of a push for tests: documents that grow, subscribers and hubs on scripted origins."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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


def write_config(folder: Path, port: int, sources: Sequence[tuple[str, str]], **more: str) -> Path:
    """Write the configuration of an instance on *port*; sources are (url, every).

    All of loopback may be contacted, unless more["allow"] says otherwise.
    """
    folder.mkdir(exist_ok=True)
    listed = "\n".join(
        f"  - {{url: '{url}', name: Paper {number}, every: {every}}}"
        for number, (url, every) in enumerate(sources, 1)
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
""",
        "utf-8",
    )
    return path
