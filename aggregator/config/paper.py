"""The sections for the newspaper itself and for its web server."""

from __future__ import annotations

from pydantic import Field

from aggregator.config import fields
from aggregator.config.section import Section


class SiteSection(Section):
    """The newspaper itself."""

    title: fields.Text = Field(
        "Aggregator", description="Name of the site, shown on pages and in feeds; Aggregator if left out."
    )
    tagline: fields.FreeText = Field("", description="One line under the title.")
    url: fields.BaseUrl = Field(
        "http://127.0.0.1:8000",
        description="Public base URL; may have a path; http://127.0.0.1:8000 if left out.",
    )
    language: fields.Language = Field(
        "en", description="Language of the site, a BCP 47 tag such as en-GB; en if left out."
    )
    timezone: fields.Timezone = Field(
        "UTC", description="IANA time zone that days are counted in; UTC if left out."
    )
    contact: fields.Contact | None = Field(
        None, description="E-mail or web address, sent with every request."
    )
    theme: fields.Folder | None = Field(
        None, description="Folder of templates and files instead of ours; counts from this file."
    )


class WebSection(Section):
    """The web server."""

    listen: fields.Listen = Field(
        ("127.0.0.1", 8000), description="host:port, such as [::1]:8000; 127.0.0.1:8000 if left out."
    )
    processes: fields.Processes = Field(1, description="How many server processes, 1 to 64; 1 if left out.")
    admin_token: fields.Token | None = Field(
        None,
        description="Opens the editors' page at /admin; 16 characters or more; without it there is none.",
    )
    direct_database: fields.Postgres | None = Field(
        None,
        description="URL of the same PostgreSQL past any pooler; changes are heard of there at once.",
    )
