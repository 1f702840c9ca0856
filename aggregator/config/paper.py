"""The sections for the newspaper itself and for its web server."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from aggregator.config import addresses, databases, fields, languages
from aggregator.config.section import Section


def _contact(text: str) -> str:
    if re.fullmatch(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+", text) and text.isascii():
        return text
    try:
        return addresses.check_url(text)
    except ValueError:
        raise ValueError("neither an e-mail address nor a web address") from None


def _token(text: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{16,200}", text):
        raise ValueError("a token is 16 to 200 plain ASCII characters without blanks")
    return text


BaseUrl = Annotated[str, *fields.read(addresses.check_base_url, "^[hH][tT][tT][pP][sS]?://")]
Timezone = Annotated[str, *fields.read(languages.check_timezone)]
Contact = Annotated[str, *fields.read(_contact)]
Listen = Annotated[tuple[str, int], *fields.read(addresses.parse_listen, ":[0-9]+$")]
#: a secret; no message quotes it
Token = Annotated[str, *fields.read(_token)]
Postgres = Annotated[str, *fields.read(databases.check_postgres, "^postgres")]


class SiteSection(Section):
    """The newspaper itself."""

    title: fields.Text = Field(
        "Aggregator", description="Name of the site, shown on pages and in feeds; Aggregator if left out."
    )
    tagline: fields.FreeText = Field("", description="One line under the title.")
    url: BaseUrl = Field(
        "http://127.0.0.1:8000",
        description="Public base URL; may have a path; http://127.0.0.1:8000 if left out.",
    )
    language: fields.Language = Field(
        "en", description="Language of the site, a BCP 47 tag such as en-GB; en if left out."
    )
    timezone: Timezone = Field("UTC", description="IANA time zone that days are counted in; UTC if left out.")
    contact: Contact | None = Field(None, description="E-mail or web address, sent with every request.")
    theme: fields.Path | None = Field(
        None, description="Folder of templates and files instead of ours; counts from this file."
    )


class WebSection(Section):
    """The web server."""

    listen: Listen = Field(
        ("127.0.0.1", 8000), description="host:port, such as [::1]:8000; 127.0.0.1:8000 if left out."
    )
    processes: Annotated[int, *fields.whole(1, 64)] = Field(
        1, description="How many server processes, 1 to 64; 1 if left out."
    )
    admin_token: Token | None = Field(
        None,
        description="Opens the editors' page at /admin; 16 characters or more; without it there is none.",
    )
    direct_database: Postgres | None = Field(
        None,
        description="URL of the same PostgreSQL past any pooler; changes are heard of there at once.",
    )
