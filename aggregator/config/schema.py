"""Every setting there is: pydantic models that say what the YAML may hold, and the JSON schema for editors.

Plain values (text, None, lists, dicts) go in, checked sections come out. A key is listed here
only if the program obeys it; any other key is an error. ``python -m aggregator.config.jsonschema``
prints the JSON schema.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import Field, WithJsonSchema

from aggregator.config import addresses, databases, fields, sizes
from aggregator.config.curating import RewriteEntry
from aggregator.config.feeds import FeedEntry, TopicText
from aggregator.config.outgoing import MailSection, NewsletterEntry, WebhookEntry
from aggregator.config.paper import SiteSection, WebSection
from aggregator.config.positions import KeyPath
from aggregator.config.section import EMPTY_LIST, EMPTY_SECTION, Section
from aggregator.config.sources import DefaultsSection, SourceEntry


def _size(text: str) -> int:
    size = sizes.parse_size(text)
    if not 1000 <= size <= 1_000_000_000:
        raise ValueError("a size here is 1kB to 1GB")
    return size


def _hub(text: str) -> str:
    if text in ("builtin", "off"):
        return text
    try:
        return addresses.check_url(text)
    except ValueError as error:
        raise ValueError(f"write builtin, off, or the URL of a hub: {error}") from None


def _tracking(text: str) -> str:
    if not re.fullmatch(r"[^\s&=*?#]{1,100}\*?", text):
        raise ValueError(
            "the name of a query parameter, such as ref, or a beginning with a star, such as utm_*"
        )
    return text.lower()


def _frame_host(text: str) -> str:
    if text != "default" and not re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)+", text.lower()):
        raise ValueError("a host, such as player.example.org, or .example.org for all below it, too")
    return text.lower()


def _opt_out(text: str) -> str:
    if re.match(r"https?://", text, re.IGNORECASE):
        return addresses.check_url(text)
    host = text.lower().removeprefix("*.").rstrip(".")
    if len(host) > 253 or not re.fullmatch(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)+", host):
        raise ValueError("write a host, such as news.example, or an address that begins with https://")
    return host


Size = Annotated[int, *fields.read(_size, sizes.PATTERN)]
Admission = Annotated[str, *fields.read(addresses.check_admission)]
Hub = Annotated[str, *fields.read(_hub), WithJsonSchema({"type": ["string", "boolean"]})]
#: YAML 1.1 editors take on and off for booleans
Subscribe = Annotated[
    Literal["auto", "on", "off"], WithJsonSchema({"enum": ["auto", "on", "off", True, False]})
]
TrackingNames = Annotated[list[Annotated[str, *fields.read(_tracking)]], Field(max_length=500)]
FrameHosts = Annotated[list[Annotated[str, *fields.read(_frame_host)]], Field(max_length=500)]
Database = Annotated[str, *fields.read(databases.check_database, "^(sqlite|postgres)")]
OptOut = Annotated[str, *fields.read(_opt_out)]


class FetchSection(Section):
    """Limits of every outgoing request."""

    timeout: fields.Timeout = Field(
        30, description="Time for one request with its redirects, 1s to 10m; 30s if left out."
    )
    max_wire_bytes: Size = Field(10_000_000, description="Most that is received; 10MB if left out.")
    max_decoded_bytes: Size = Field(16_000_000, description="Most that it may unpack to; 16MB if left out.")
    allow_private: Annotated[list[Admission], EMPTY_LIST] = Field(
        [], description="Private networks (CIDR) or host:port pairs that may be contacted all the same."
    )
    per_host: Annotated[int, *fields.whole(1, 64)] = Field(
        2, description="Requests to one host at the same time, 1 to 64; 2 if left out."
    )
    concurrency: Annotated[int, *fields.whole(1, 1000)] = Field(
        64, description="Requests at the same time in all, 1 to 1000; 64 if left out."
    )
    user_agent: fields.UserAgent | None = Field(None, description="Replaces our own User-Agent.")
    spacing: Annotated[int, *fields.lasting(0, 300)] = Field(
        1, description="Least time between two polls of one site, 0s to 5m; 1s if left out."
    )
    requests_per_hour: Annotated[int, *fields.whole(1, 10_000_000)] | None = Field(
        None, description="Most polls of all sources in an hour; without it each source has what suits it."
    )


class WebSubSection(Section):
    """Push instead of polling (WebSub)."""

    hub: Hub = Field(
        "builtin",
        description="Who tells subscribers of new articles: builtin (our own /hub), the URL of another hub, "
        "or off; builtin if left out.",
    )
    subscribe: Subscribe = Field(
        "auto",
        description="Subscribe at the hubs that sources name: on, off, or auto (only where hubs can reach "
        "site.url); auto if left out.",
    )


class HtmlSection(Section):
    """What links and HTML of publishers keep, for all sources, from the next reading on."""

    tracking: Annotated[TrackingNames, EMPTY_LIST] = Field(
        ["default"],
        description="Query parameters taken out of links; default is our list, a star ends a beginning.",
    )
    frames: Annotated[FrameHosts, EMPTY_LIST] = Field(
        ["default"],
        description="Hosts whose frames stay; default is our list, a leading dot adds subdomains.",
    )


class File(Section):
    """The whole file."""

    site: Annotated[SiteSection, EMPTY_SECTION] = SiteSection()
    web: Annotated[WebSection, EMPTY_SECTION] = WebSection()
    database: Database = Field(
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
    opt_out: Annotated[list[OptOut], EMPTY_LIST] = Field(
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
