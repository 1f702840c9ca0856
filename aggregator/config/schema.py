"""Every setting there is: pydantic models that say what the YAML may hold, and the JSON schema for editors.

Plain values (text, None, lists, dicts) go in, checked sections come out. A key is listed here
only if the program obeys it; any other key is an error. ``python -m aggregator.config.jsonschema``
prints the JSON schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Field

from aggregator.config import fields
from aggregator.config.curating import RewriteEntry
from aggregator.config.feeds import FeedEntry, TopicText
from aggregator.config.outgoing import MailSection, NewsletterEntry, WebhookEntry
from aggregator.config.paper import SiteSection, WebSection
from aggregator.config.positions import KeyPath
from aggregator.config.section import EMPTY_LIST, EMPTY_SECTION, Section
from aggregator.config.sources import DefaultsSection, SourceEntry


class FetchSection(Section):
    """Limits of every outgoing request."""

    timeout: fields.Timeout = Field(
        30, description="Time for one request with its redirects, 1s to 10m; 30s if left out."
    )
    max_wire_bytes: fields.Size = Field(10_000_000, description="Most that is received; 10MB if left out.")
    max_decoded_bytes: fields.Size = Field(
        16_000_000, description="Most that it may unpack to; 16MB if left out."
    )
    allow_private: Annotated[list[fields.Admission], EMPTY_LIST] = Field(
        [], description="Private networks (CIDR) or host:port pairs that may be contacted all the same."
    )
    per_host: fields.PerHost = Field(
        2, description="Requests to one host at the same time, 1 to 64; 2 if left out."
    )
    concurrency: fields.Concurrency = Field(
        64, description="Requests at the same time in all, 1 to 1000; 64 if left out."
    )
    user_agent: fields.UserAgent | None = Field(None, description="Replaces our own User-Agent.")
    spacing: fields.Spacing = Field(
        1, description="Least time between two polls of one site, 0s to 5m; 1s if left out."
    )
    requests_per_hour: fields.RequestsPerHour | None = Field(
        None, description="Most polls of all sources in an hour; without it each source has what suits it."
    )


class WebSubSection(Section):
    """Push instead of polling (WebSub)."""

    hub: fields.Hub = Field(
        "builtin",
        description="Who tells subscribers of new articles: builtin (our own /hub), the URL of another hub, "
        "or off; builtin if left out.",
    )
    subscribe: fields.Subscribe = Field(
        "auto",
        description="Subscribe at the hubs that sources name: on, off, or auto (only where hubs can reach "
        "site.url); auto if left out.",
    )


class HtmlSection(Section):
    """What links and HTML of publishers keep, for all sources, from the next reading on."""

    tracking: Annotated[fields.TrackingNames, EMPTY_LIST] = Field(
        ["default"],
        description="Query parameters taken out of links; default is our list, a star ends a beginning.",
    )
    frames: Annotated[fields.FrameHosts, EMPTY_LIST] = Field(
        ["default"],
        description="Hosts whose frames stay; default is our list, a leading dot adds subdomains.",
    )


class File(Section):
    """The whole file."""

    site: Annotated[SiteSection, EMPTY_SECTION] = SiteSection()
    web: Annotated[WebSection, EMPTY_SECTION] = WebSection()
    database: fields.Database = Field(
        "sqlite:///var/aggregator.db",
        description="SQLite file or PostgreSQL; relative paths count from this file.",
    )
    fetch: Annotated[FetchSection, EMPTY_SECTION] = FetchSection()
    websub: Annotated[WebSubSection, EMPTY_SECTION] = WebSubSection()
    html: Annotated[HtmlSection, EMPTY_SECTION] = HtmlSection()
    defaults: Annotated[DefaultsSection, EMPTY_SECTION] = DefaultsSection()
    sources: Annotated[list[SourceEntry], EMPTY_LIST] = Field([], description="What is polled.")
    topics: Annotated[dict[fields.Slug, TopicText], EMPTY_SECTION] = Field(
        {}, description="Slug: query, or slug: {query, title, description}."
    )
    rules: Annotated[dict[fields.Slug, fields.Text], EMPTY_SECTION] = Field(
        {}, description="Name: query; other queries call it as rule:name."
    )
    rewrites: Annotated[list[RewriteEntry], EMPTY_LIST] = Field(
        [], description="How articles are changed on their way out, in this order, after the sources' own."
    )
    feeds: Annotated[dict[fields.Slug, Annotated[FeedEntry, EMPTY_SECTION]], EMPTY_SECTION] = Field(
        {}, description="Slug: {query, title, limit, …}."
    )
    opt_out: Annotated[list[fields.OptOut], EMPTY_LIST] = Field(
        [], description="Hosts and URLs whose publishers want no part: never polled, never published."
    )
    mail: MailSection | None = Field(None, description="The mail server that takes newsletters.")
    newsletters: Annotated[dict[fields.Slug, NewsletterEntry], EMPTY_SECTION] = Field(
        {}, description="Slug: {feed, schedule, recipients or subscribe, title}."
    )
    webhooks: Annotated[dict[fields.Slug, WebhookEntry], EMPTY_SECTION] = Field(
        {}, description="Slug: {feed, url, shape, secret}."
    )


def keys_at(path: KeyPath) -> Sequence[str]:
    """Return the keys that the section at *path* may have; none if there is no section of ours."""
    kind: Any = File
    for part in path:
        kind = _below(kind, part)
    return tuple(_fields_of(kind)) if isinstance(kind, type) and issubclass(kind, Section) else ()


def _below(kind: Any, part: str | int) -> Any:
    """Return what stands at *part* of a section, a list or a mapping: its type without wrappings."""
    if isinstance(kind, type) and issubclass(kind, Section):
        return _bare(_fields_of(kind).get(str(part)))
    return _bare(get_args(kind)[-1]) if get_origin(kind) in (list, dict) else None


def _bare(kind: Any) -> Any:
    """Return the type inside Annotated[…] and … | None."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = get_args(kind)[0]
    return kind


def _fields_of(section: type[Section]) -> dict[str, Any]:
    """Return the type of each key as it is written in the file."""
    return {info.alias or name: info.annotation for name, info in section.model_fields.items()}
