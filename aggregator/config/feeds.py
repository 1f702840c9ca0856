"""The sections for what is published: topics and feeds; checked values in, the model's Topic and Feed out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from aggregator.config import fields
from aggregator.config.issues import IN_BEST, DigestText
from aggregator.config.names import title_of
from aggregator.config.section import EMPTY_LIST, Section, taken_as_is
from aggregator.model import ContentPolicy, Feed, PerSource, Timed, Topic
from aggregator.model.settings import Access, Duplicates


def _per_source(text: str) -> PerSource:
    match = re.fullmatch(r"([1-9][0-9]{0,3})(\s+per\s+day)?", text, re.ASCII)
    if match is None:
        raise ValueError("write a number of articles, such as 5 or 5 per day")
    return PerSource(count=int(match[1]), per_day=match[2] is not None)


def _alias(text: str) -> str:
    if len(text) > 200 or not re.fullmatch(r"/[A-Za-z0-9._~/+-]+", text) or "//" in text:
        raise ValueError("an alias is a path on this site, such as /rss20.xml")
    return text.rstrip("/")


PerSourceText = Annotated[
    PerSource,
    *fields.read(_per_source),
    WithJsonSchema({"type": ["string", "integer"], "minimum": 1, "pattern": r"^[1-9][0-9]{0,3}( per day)?$"}),
]
Aliases = Annotated[list[Annotated[str, *fields.read(_alias, "^/.")]], Field(max_length=50)]


class TopicEntry(Section):
    """A saved query that labels articles; published under /topics/."""

    query: fields.Text = Field(description="Which articles, in the query language.")
    title: fields.Text | None = Field(None, description="Title; made from the slug if left out.")
    description: fields.FreeText = Field("", description="One or two sentences for readers.")
    aliases: Annotated[Aliases, EMPTY_LIST] = Field([], description="Paths it had before.")


class FeedEntry(Section):
    """A query with presentation; published under /feeds/."""

    query: fields.FreeText = Field("", description="Which articles, in the query language; all if left out.")
    title: fields.Text | None = Field(None, description="Title; made from the slug if left out.")
    description: fields.FreeText = Field("", description="One or two sentences for readers.")
    limit: Annotated[int, *fields.whole(1, 1000)] = Field(50, description="Articles in the feed, 1 to 1000.")
    per_source: PerSourceText | None = Field(None, description="Most of one source: 5, or 5 per day.")
    overflow: Literal["drop", "digest"] = Field(
        "drop",
        description="What is beyond `per_source: N per day`: drop, or digest for one entry a source and day.",
    )
    digest: DigestText | None = Field(
        None, description="One entry at set times: daily at 07:00, weekly on monday at 07:00, monthly."
    )
    best: Literal["day", "week", "month"] | None = Field(
        None, description="The best stories of each day, week or month, when it is over."
    )
    stories: Annotated[int, *fields.whole(1, 100)] | None = Field(
        None, description="Stories in an issue of a digest (30 if left out) or best feed (10), 1 to 100."
    )
    order: Literal["newest", "top"] = Field(
        "newest", description="newest first, or top: what most outlets tell first."
    )
    duplicates: Duplicates | None = Field(
        None,
        description="What becomes one entry: nothing (keep), one link, one text, or one story; story in "
        "digest and best feeds, else keep if left out.",
    )
    max_age: Annotated[int, *fields.lasting(60, 100 * 365 * 86_400)] | None = Field(
        None, description="How old an article may be, such as 2d."
    )
    content: ContentPolicy | None = Field(
        None, description="full, summary or link; the stricter of feed and source."
    )
    lead: fields.FreeText = Field(
        "", description="Which of its articles may lead the front page, a query; any long one if left out."
    )
    rights: fields.Text | None = Field(None, description="Licence or notice of the feed as a whole.")
    noindex: fields.Switch = Field(False, description="on: search engines are asked to stay away.")
    access: Access = Field("public", description="public, or token: only with a token of its own.")
    aliases: Annotated[Aliases, EMPTY_LIST] = Field([], description="Paths it had before.")

    @property
    def timed(self) -> Timed | None:
        """When its issues are made; None where articles enter as they come."""
        if self.best:
            return Timed(form="best", every=self.best, stories=self.stories or min(IN_BEST, self.limit))
        return self.digest and replace(self.digest, stories=self.stories or self.digest.stories)


def _query_alone(value: object) -> object:
    """``economy: mortgage*`` is short for ``economy: {query: mortgage*}``."""
    if value is None:
        raise ValueError("needs a query")
    return {"query": value} if isinstance(value, str) else value


TopicText = Annotated[
    TopicEntry,
    BeforeValidator(_query_alone, json_schema_input_type=TopicEntry | str),
]


def build_topic(slug: str, entry: TopicEntry) -> Topic:
    """Return the topic that *entry* says."""
    return Topic(**{**taken_as_is(entry, Topic), "slug": slug, "title": entry.title or title_of(slug)})


def build_feed(slug: str, entry: FeedEntry) -> Feed:
    """Return the feed that *entry* says."""
    made = {
        "slug": slug,
        "title": entry.title or title_of(slug),
        "timed": entry.timed,
        "duplicates": entry.duplicates or ("story" if entry.timed else "keep"),
        "max_age_s": entry.max_age,
        "per_source": entry.per_source and replace(entry.per_source, rolls_up=entry.overflow == "digest"),
    }
    return Feed(**{**taken_as_is(entry, Feed), **made})
