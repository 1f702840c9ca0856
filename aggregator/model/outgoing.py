"""What goes out by itself, without being asked for: newsletters by mail, and webhooks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

#: a plain e-mail address, as it is accepted from people: no quotes, brackets or blanks, a host with a dot,
#: nothing that cannot be seen
ADDRESS = re.compile(
    r"(?!.*=\?)[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]{1,64}"
    r"@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+"
)
#: longer addresses cannot be delivered to (RFC 5321 §4.5.3.1)
LONGEST_ADDRESS = 254
WebhookShape = Literal["json", "ntfy", "slack", "discord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail server that takes our messages."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    #: address, or name and address: who the messages are from
    sender: str
    #: PEM file of authorities trusted besides the system's; None: none
    ca_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """A feed by mail, at set times."""

    slug: str
    title: str
    #: slug of the feed
    feed: str
    #: five fields of cron, in the site's time zone
    schedule: str
    #: who gets it without asking; who unsubscribes gets it no more
    recipients: tuple[str, ...] = ()
    #: anybody may subscribe on the pages
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that is told of every new entry of a feed."""

    slug: str
    #: slug of the feed
    feed: str
    url: str = field(repr=False)
    shape: WebhookShape = "json"
    #: signs what is sent; None: unsigned
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Somebody who gets a newsletter, or might."""

    newsletter: str
    address: str
    #: the last part of links that only this person gets
    token: str = field(repr=False)
    #: "asked": an address that has not said yes
    state: Literal["asked", "subscribed", "unsubscribed", "bounced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One message to send: an edition, or the question whether an address wants them."""

    id: int
    newsletter: str
    address: str
    token: str = field(repr=False)
    #: the edition's time; None: the question
    due_at: datetime | None
    #: what entered the feed after the first and up to the second is in the edition
    since: int = 0
    until: int = 0
    #: earlier attempts
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent by mail, without the address."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One webhook delivery to make."""

    id: int
    webhook: str
    article_id: int
    tries: int
