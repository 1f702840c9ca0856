"""The sections for what goes out by itself: mail server, newsletters, webhooks."""

from __future__ import annotations

import re
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from aggregator.config import cron, fields
from aggregator.config.names import title_of
from aggregator.config.section import EMPTY_LIST, Section, taken_as_is
from aggregator.model.outgoing import ADDRESS, LONGEST_ADDRESS, Mail, Newsletter, Webhook, WebhookShape


def _address(text: str) -> str:
    if len(text) > LONGEST_ADDRESS or not ADDRESS.fullmatch(text):
        raise ValueError("not an e-mail address")
    return text


def _sender(text: str) -> str:
    _address(parseaddr(text)[1])
    if "\n" in text or "\r" in text:
        raise ValueError("write one line: Name <address>")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,253}|\[?[0-9a-fA-F:.]+\]?", text):
        raise ValueError("write the name of the mail server alone, such as mail.example.org")
    return text.strip("[]")


Address = Annotated[str, *fields.read(_address)]
MailHost = Annotated[str, *fields.read(_host)]
Sender = Annotated[str, *fields.read(_sender)]
Schedule = Annotated[str, *fields.read(cron.check_cron)]


class MailSection(Section):
    """The mail server that takes newsletters."""

    host: MailHost = Field(description="Name of the mail server.")
    port: Annotated[int, *fields.whole(1, 65_535)] | None = Field(
        None, description="587, or 465 with tls, or 25 with none, if left out."
    )
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="starttls, tls or none.")
    user: fields.Text | None = Field(None, description="Name to log in with; no login if left out.")
    password: fields.Text | None = Field(None, description="${…} keeps it out of the file.")
    sender: Sender = Field(alias="from", description="Who messages are from: Name <address>.")
    ca_file: fields.Path | None = Field(
        None, description="PEM file of authorities to trust as well; counts from this file."
    )


class NewsletterEntry(Section):
    """A feed by mail, at set times."""

    title: fields.Text | None = Field(None, description="Title; made from the slug if left out.")
    feed: fields.Slug = Field(description="Which feed, a slug.")
    schedule: Schedule = Field(
        description='When, as cron writes it: "0 7 * * *"; in the time zone of the site.'
    )
    recipients: Annotated[list[Address], EMPTY_LIST] = Field([], description="Who gets it without asking.")
    subscribe: Literal["closed", "open"] = Field(
        "closed", description="open: anybody may subscribe on the pages."
    )


class WebhookEntry(Section):
    """An address that is told of every new entry of a feed."""

    feed: fields.Slug = Field(description="Which feed, a slug.")
    url: fields.Url = Field(description="What is called; ${…} keeps it out of the file.")
    shape: WebhookShape = Field("json", description="json, ntfy, slack or discord.")
    secret: fields.Text | None = Field(None, description="Signs what is sent, in X-Signature.")


def build_mail(section: MailSection | None, folder: Path) -> Mail | None:
    """Return the mail server; None if none is configured. Relative paths count from *folder*."""
    if section is None:
        return None
    usual = {"starttls": 587, "tls": 465, "none": 25}[section.security]
    made = {
        "port": section.port or usual,
        "ca_file": str((folder / section.ca_file).resolve()) if section.ca_file else None,
    }
    return Mail(**{**taken_as_is(section, Mail), **made})


def build_newsletter(slug: str, entry: NewsletterEntry) -> Newsletter:
    """Return the newsletter that *entry* says."""
    return Newsletter(
        slug=slug,
        title=entry.title or title_of(slug),
        feed=entry.feed,
        schedule=entry.schedule,
        recipients=tuple(dict.fromkeys(entry.recipients)),
        is_open=entry.subscribe == "open",
    )


def build_webhook(slug: str, entry: WebhookEntry) -> Webhook:
    """Return the webhook that *entry* says."""
    return Webhook(slug=slug, **entry.model_dump())
