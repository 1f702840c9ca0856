"""The sections for what is polled: a source or a list of them, and what holds where they say nothing else."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from aggregator.config import fields, requests
from aggregator.config.curating import GateSection, RewriteEntry
from aggregator.config.section import EMPTY_LIST, EMPTY_SECTION, Section


class DefaultsSection(Section):
    """What holds for a source that does not say otherwise."""

    every: fields.Every = Field(None, description="Time between polls: auto, or a duration of 60s or more.")
    content: fields.SourceContent = Field(
        "full", description="How much may be republished: full, summary or link; full-text reads pages, too."
    )
    initial_items: fields.InitialItems = Field(10, description="Entries of the first document that go out.")
    keep: fields.Keep = Field(365 * 86_400, description="How long articles are kept, such as 90d or 1y.")
    rights: fields.Text | None = Field(None, description="Licence or notice shown with every article.")
    noindex: requests.Switch = Field(False, description="on: search engines are asked to stay away.")
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
    file: fields.LocalPath | None = Field(
        None, description="A local feed, page, JSON or sitemap; relative paths count from this file."
    )
    opml: fields.ListPlace | None = Field(
        None, description="A list kept by somebody else, file or URL; the other keys hold for its sources."
    )
    items: Annotated[fields.Selectors, EMPTY_LIST] = Field(
        [], description="What one entry is: CSS selectors or JSON paths, tried in order."
    )
    selectors: Annotated[dict[fields.FieldName, fields.Selectors], EMPTY_SECTION] = Field(
        {},
        alias="fields",
        description="Field: selector or path inside one entry; several are tried in order.",
    )
    name: fields.Text | None = Field(None, description="Name shown; the feed's own title if left out.")
    id: fields.Slug | None = Field(None, description="Handle that stays when url and name change.")
    tags: Annotated[fields.Tags, EMPTY_LIST] = Field([], description="Words for tag: in queries.")
    every: fields.Every = Field(None, description="Time between polls: auto, or a duration of 60s or more.")
    content: fields.SourceContent | None = Field(
        None, description="How much may be republished: full, summary or link; full-text reads pages, too."
    )
    initial_items: fields.InitialItems | None = Field(
        None, description="Entries of the first document that go out."
    )
    keep: fields.Keep | None = Field(None, description="How long articles are kept, such as 90d or 1y.")
    rights: fields.Text | None = Field(None, description="Licence or notice shown with every article.")
    noindex: requests.Switch | None = Field(None, description="on: search engines are asked to stay away.")
    language: fields.Language | None = Field(None, description="Language, instead of what the feed says.")
    gate: Annotated[GateSection, EMPTY_SECTION] | None = Field(
        None, description="What keeps floods away, where it differs from the defaults."
    )
    rewrite: RewriteEntry | None = Field(
        None, description="How its articles are changed on their way out; stored as they came."
    )
    headers: requests.Headers = Field(
        (), description="Extra header fields, only ever sent to the origin of url; ${…} keeps them secret."
    )
    auth: requests.Auth | None = Field(None, description="user:password or Bearer TOKEN, for its origin.")
    user_agent: fields.UserAgent | None = Field(None, description="User-Agent for this source alone.")
    proxy: requests.Proxy | None = Field(None, description="http or https proxy for this source.")
    timeout: fields.Timeout | None = Field(None, description="Time for one poll, 1s to 10m.")
    insecure_tls: requests.Switch = Field(False, description="on: accept any certificate of this host.")
    ca_file: requests.CaFile | None = Field(
        None, description="PEM file of authorities to trust as well; counts from this file."
    )
    weight: fields.Weight = Field(1.0, description="How much its word counts in order: top; 1 if left out.")
    conditional: requests.Switch = Field(
        True, description="off: always ask for the whole document, for servers whose 304 lies."
    )
    face: fields.Face | None = Field(
        None, description="Picture of who writes it: a URL, or a file among the theme's static files."
    )

    @model_validator(mode="after")
    def _check_address(self) -> Self:
        given = [key for key, value in self.addresses().items() if value is not None]
        if len(given) != 1:
            raise ValueError(
                f"needs exactly one of {', '.join(ADDRESSES)}; found {' and '.join(given) or 'none'}"
            )
        if (self.items or self.selectors) and given[0] in {"url", "sitemap", "opml"}:
            raise ValueError(f"`items` and `fields` are for page, json and file; a {given[0]} needs none")
        if given[0] == "opml" and (self.name or self.id):
            raise ValueError("`name` and `id` are for one source, not for a list of them")
        if given[0] != "file":
            written = [*self.items, *(each for some in self.selectors.values() for each in some)]
            fields.check_selectors(written, is_json=given[0] == "json")
        return self

    def addresses(self) -> dict[str, str | None]:
        """Return the address under each key that may hold it."""
        return {key: getattr(self, "json_document" if key == "json" else key) for key in ADDRESSES}
