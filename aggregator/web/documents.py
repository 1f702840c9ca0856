"""Bytes in, something the answers can be made of out: for pages and lists, which have no version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aggregator.model import Rendered
from aggregator.publish.render import CODINGS, encode_as, tag_of


class Lazily(Mapping[str, bytes]):
    """The codings of a body, each made when somebody first takes it."""

    __slots__ = ("_body", "_made")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._made: dict[str, bytes] = {}

    def __getitem__(self, coding: str) -> bytes:
        if coding not in self._made:
            self._made[coding] = encode_as(self._body, coding)
        return self._made[coding]

    def __contains__(self, coding: object) -> bool:
        return coding in CODINGS

    def __iter__(self) -> Iterator[str]:
        return iter(CODINGS)

    def __len__(self) -> int:
        return len(CODINGS)


def document(body: bytes, media_type: str, links: tuple[str, ...] = (), *, noindex: bool = False) -> Rendered:
    """Return *body* with an entity tag made of the bytes themselves, and its compressed codings."""
    return Rendered(
        body=body,
        media_type=media_type,
        etag=tag_of(body),
        last_modified=None,
        encoded=Lazily(body),
        links=links,
        noindex=noindex,
    )
