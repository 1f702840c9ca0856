"""The sections for what is polled: a source or a list of them, and what holds where they say nothing else."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from aggregator.config import addresses, durations, fields, requests
from aggregator.config.curating import GateSection, RewriteEntry
from aggregator.config.problems import describe
from aggregator.config.section import EMPTY_LIST, EMPTY_SECTION, Section

#: what a selector or path may be given for
FieldName = Literal[
    "id", "title", "link", "date", "updated", "summary", "content", "author", "category", "image"
]
FIELD_NAMES: tuple[str, ...] = get_args(FieldName)


def _full_text(text: str) -> str:
    if text == "full-text" and find_spec("trafilatura") is None:
        raise ValueError("full-text needs the extra fulltext: pip install 'feed-aggregator[fulltext]'")
    return text


def _every(text: str) -> int | None:
    return None if text == "auto" else durations.parse_duration(text, 1, 366 * 86_400)


def _weight(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text, re.ASCII) or float(text) > 100:
        raise ValueError(f"a weight is a number from 0 to 100, found {describe(text)}")
    return float(text)


def _local_path(text: str) -> str:
    if text.startswith(("http:", "https:")):
        raise ValueError("not the path of a local file")
    return addresses.check_path(text)


def _list_place(text: str) -> str:
    is_url = re.match(r"[a-z]+://", text, re.IGNORECASE)
    return addresses.check_url(text) if is_url else _local_path(text)


def _alternatives(value: object) -> object:
    """One selector is short for a list of one."""
    return [value] if isinstance(value, str) else [] if value is None else value


Every = Annotated[int | None, *fields.read(_every, f"^auto$|{durations.PATTERN}")]
Keep = Annotated[int, *fields.lasting(1, 100 * 365 * 86_400)]
Content = Annotated[Literal["full", "summary", "link", "full-text"], AfterValidator(_full_text)]
InitialItems = Annotated[int, *fields.whole(0, 10_000)]
Face = Annotated[str, *fields.read(addresses.check_face)]
Weight = Annotated[
    float, *fields.read(_weight), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})
]
ListPlace = Annotated[str, *fields.read(_list_place)]
LocalPath = Annotated[str, *fields.read(_local_path)]
Selectors = Annotated[
    list[Annotated[str, *fields.read(str)]],
    BeforeValidator(_alternatives),
    Field(max_length=20),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}, "minLength": 1}),
]


class DefaultsSection(Section):
    """What holds for a source that does not say otherwise."""

    every: Every = Field(None, description="Time between polls: auto, or a duration of 60s or more.")
    content: Content = Field(
        "full", description="How much may be republished: full, summary or link; full-text reads pages, too."
    )
    initial_items: InitialItems = Field(10, description="Entries of the first document that go out.")
    keep: Keep = Field(365 * 86_400, description="How long articles are kept, such as 90d or 1y.")
    rights: fields.Text | None = Field(None, description="Licence or notice shown with every article.")
    noindex: fields.Switch = Field(False, description="on: search engines are asked to stay away.")
    language: fields.Language | None = Field(None, description="Language, instead of what the feeds say.")
    tags: Annotated[fields.Tags, EMPTY_LIST] = Field([], description="Tags of sources that list none.")
    gate: Annotated[GateSection, EMPTY_SECTION] = Field(
        GateSection(), description="What keeps floods away; each source may say otherwise."
    )


#: the keys that say where a source is; each source has one
ADDRESSES = ("url", "page", "json", "sitemap", "file", "opml")


class SourceEntry(Section):
    """A source that is polled; what is left out comes from ``defaults``."""

    url: fields.Url | None = Field(None, description="Address of the feed.")
    page: fields.Url | None = Field(None, description="Address of a page without feed, read by its HTML.")
    json_document: fields.Url | None = Field(
        None, alias="json", description="Address of JSON that is no JSON Feed."
    )
    sitemap: fields.Url | None = Field(None, description="Address of a sitemap, best one of news.")
    file: LocalPath | None = Field(
        None, description="A local feed, page, JSON or sitemap; relative paths count from this file."
    )
    opml: ListPlace | None = Field(
        None, description="A list kept by somebody else, file or URL; the other keys hold for its sources."
    )
    items: Annotated[Selectors, EMPTY_LIST] = Field(
        [], description="What one entry is: CSS selectors or JSON paths, tried in order."
    )
    selectors: Annotated[dict[FieldName, Selectors], EMPTY_SECTION] = Field(
        {},
        alias="fields",
        description="Field: selector or path inside one entry; several are tried in order.",
    )
    name: fields.Text | None = Field(None, description="Name shown; the feed's own title if left out.")
    id: fields.Slug | None = Field(None, description="Handle that stays when url and name change.")
    tags: Annotated[fields.Tags, EMPTY_LIST] = Field([], description="Words for tag: in queries.")
    every: Every = Field(None, description="Time between polls: auto, or a duration of 60s or more.")
    content: Content | None = Field(
        None, description="How much may be republished: full, summary or link; full-text reads pages, too."
    )
    text: Annotated[Selectors, EMPTY_LIST] = Field(
        [],
        description="Where the text stands in each article's own page (CSS), with content: full-text; it is "
        "found by itself if left out.",
    )
    initial_items: InitialItems | None = Field(None, description="Entries of the first document that go out.")
    keep: Keep | None = Field(None, description="How long articles are kept, such as 90d or 1y.")
    rights: fields.Text | None = Field(None, description="Licence or notice shown with every article.")
    noindex: fields.Switch | None = Field(None, description="on: search engines are asked to stay away.")
    language: fields.Language | None = Field(None, description="Language, instead of what the feed says.")
    gate: Annotated[GateSection, EMPTY_SECTION] | None = Field(
        None, description="What keeps floods away, where it differs from the defaults."
    )
    rewrite: RewriteEntry | None = Field(
        None, description="How its articles are changed on their way out; stored as they came."
    )
    headers: requests.Headers = Field(
        {}, description="Extra header fields, only ever sent to the origin of url; ${…} keeps them secret."
    )
    auth: requests.Auth | None = Field(None, description="user:password or Bearer TOKEN, for its origin.")
    user_agent: fields.UserAgent | None = Field(None, description="User-Agent for this source alone.")
    proxy: requests.Proxy | None = Field(None, description="http or https proxy for this source.")
    timeout: fields.Timeout | None = Field(None, description="Time for one poll, 1s to 10m.")
    insecure_tls: fields.Switch = Field(False, description="on: accept any certificate of this host.")
    ca_file: fields.Path | None = Field(
        None, description="PEM file of authorities to trust as well; counts from this file."
    )
    weight: Weight = Field(1.0, description="How much its word counts in order: top; 1 if left out.")
    conditional: fields.Switch = Field(
        True, description="off: always ask for the whole document, for servers whose 304 lies."
    )
    face: Face | None = Field(
        None, description="Picture of who writes it: a URL, or a file among the theme's static files."
    )

    def addresses(self) -> dict[str, str | None]:
        """Return the address under each key that may hold it."""
        return {key: getattr(self, "json_document" if key == "json" else key) for key in ADDRESSES}
