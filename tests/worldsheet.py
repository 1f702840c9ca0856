"""What a feed document of the demo world says, before any format: records on a sheet.

In flow items that are out, out flow frozen values and their printed dates; no clock, no network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from tests.worldstock import DocumentSpec, Item, Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An item that is out, with everything of it filled in."""

    item: Item
    published: datetime
    #: None: never changed
    updated: datetime | None
    body: str
    summary: str
    #: absolute; empty if none
    link: str
    #: empty if none
    guid: str
    #: as printed; empty: undated; None: write *published* properly
    raw_date: str | None
    image: str
    #: url, media type, bytes, seconds; None if silent
    audio: tuple[str, str, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything one document says."""

    paper: Paper
    spec: DocumentSpec
    base_url: str
    #: newest first
    records: tuple[Record, ...]
    modified: datetime

    @property
    def url(self) -> str:
        """The document's own address."""
        return self.base_url + self.spec.path

    @property
    def home(self) -> str:
        """The paper's HTML page."""
        return f"{self.base_url}/{self.paper.slug}/"

    @property
    def language(self) -> str:
        """The language of the document."""
        return self.spec.language or self.paper.language


def rfc822(at: datetime) -> str:
    """Return a date as RSS wants it."""
    return format_datetime(at, usegmt=True)


def rfc3339(at: datetime) -> str:
    """Return a date as Atom wants it, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def printed_date(record: Record, form: Callable[[datetime], str]) -> str:
    """Return the date as the paper prints it; empty for an undated record."""
    return form(record.published) if record.raw_date is None else record.raw_date
