"""Every setting there is: pydantic models that say what the YAML may hold, and the JSON schema for editors.

Plain values (text, None, lists, dicts) go in, checked sections come out. A key is listed here
only if the program obeys it; any other key is an error. ``python -m aggregator.config.jsonschema``
prints the JSON schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from aggregator.config import fields, issues, requests
from aggregator.config.curating import GateSection, ReplacementEntry, RewriteEntry
from aggregator.config.outgoing import MailSection, NewsletterEntry, WebhookEntry
from aggregator.config.paper import SiteSection, WebSection
from aggregator.config.positions import Path
from aggregator.config.section import EMPTY_LIST, EMPTY_SECTION, Section
from aggregator.config.sources import DefaultsSection, SourceEntry


def _query_alone(value: object) -> object:
    """``economy: mortgage*`` is short for ``economy: {query: mortgage*}``."""
    if value is None:
        raise ValueError("needs a query")
    return {"query": value} if isinstance(value, str) else value


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


class TopicEntry(Section):
    """A saved query that labels articles; published under /topics/."""

    query: fields.Text = Field(description="Which articles, in the query language.")
    title: fields.Text | None = Field(None, description="Title; made from the slug if left out.")
    description: fields.FreeText = Field("", description="One or two sentences for readers.")
    aliases: Annotated[fields.Aliases, EMPTY_LIST] = Field([], description="Paths it had before.")


class FeedEntry(Section):
    """A query with presentation; published under /feeds/."""

    query: fields.FreeText = Field("", description="Which articles, in the query language; all if left out.")
    title: fields.Text | None = Field(None, description="Title; made from the slug if left out.")
    description: fields.FreeText = Field("", description="One or two sentences for readers.")
    limit: fields.Limit = Field(50, description="Articles in the feed, 1 to 1000.")
    per_source: fields.PerSourceText | None = Field(None, description="Most of one source: 5, or 5 per day.")
    overflow: fields.Overflow = Field(
        "drop",
        description="What is beyond `per_source: N per day`: drop, or digest for one entry a source and day.",
    )
    digest: issues.DigestText | None = Field(
        None, description="One entry at set times: daily at 07:00, weekly on monday at 07:00, monthly."
    )
    best: fields.Best | None = Field(
        None, description="The best stories of each day, week or month, when it is over."
    )
    stories: fields.Stories | None = Field(
        None, description="Stories in an issue of a digest (30 if left out) or best feed (10), 1 to 100."
    )
    order: fields.Order = Field("newest", description="newest first, or top: what most outlets tell first.")
    duplicates: fields.Duplicates | None = Field(
        None,
        description="What becomes one entry: nothing (keep), one link, one text, or one story; story in "
        "digest and best feeds, else keep if left out.",
    )
    max_age: fields.MaxAge | None = Field(None, description="How old an article may be, such as 2d.")
    content: fields.Content | None = Field(
        None, description="full, summary or link; the stricter of feed and source."
    )
    lead: fields.FreeText = Field(
        "", description="Which of its articles may lead the front page, a query; any long one if left out."
    )
    rights: fields.Text | None = Field(None, description="Licence or notice of the feed as a whole.")
    noindex: requests.Switch = Field(False, description="on: search engines are asked to stay away.")
    access: fields.Access = Field("public", description="public, or token: only with a token of its own.")
    aliases: Annotated[fields.Aliases, EMPTY_LIST] = Field([], description="Paths it had before.")

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        issues.check(self)
        return self


_TopicShort = Annotated[
    TopicEntry,
    BeforeValidator(_query_alone, json_schema_input_type=TopicEntry | str),
]


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
    topics: Annotated[dict[fields.Slug, _TopicShort], EMPTY_SECTION] = Field(
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


_SECTIONS: Mapping[str, type[Section]] = {
    "site": SiteSection,
    "web": WebSection,
    "fetch": FetchSection,
    "websub": WebSubSection,
    "html": HtmlSection,
    "defaults": DefaultsSection,
    "sources": SourceEntry,
    "topics": TopicEntry,
    "feeds": FeedEntry,
    "rewrites": RewriteEntry,
    "mail": MailSection,
    "newsletters": NewsletterEntry,
    "webhooks": WebhookEntry,
}
#: sections inside others, by the key they stand under
_INNER: Mapping[str, type[Section]] = {
    "gate": GateSection,
    "rewrite": RewriteEntry,
    "replace_content": ReplacementEntry,
    "replace_title": ReplacementEntry,
}


def keys_at(path: Path) -> Sequence[str]:
    """Return the keys that the section at *path* may have; none if there is no section of ours."""
    inner = [_INNER[str(part)] for part in path[1:] if part in _INNER]
    section = (inner[-1] if inner else _SECTIONS.get(str(path[0]))) if path else File
    return tuple(info.alias or name for name, info in section.model_fields.items()) if section else ()
