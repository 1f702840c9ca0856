"""How we introduce ourselves: one honest User-Agent with a way to reach the operator."""

from __future__ import annotations

import re

from aggregator import __version__
from aggregator.model import FetchSettings, Site


def user_agent(settings: FetchSettings, site: Site) -> str:
    """Return ``aggregator/<version> (+<contact>)``, or what the operator set instead.

    The contact is site.contact, else site.url (RFC 9110 §10.1.5).
    """
    return settings.user_agent or f"aggregator/{__version__} (+{site.contact or site.url})"


def sendable(agent: str) -> str:
    """Return *agent* without the characters a header field cannot carry; never empty."""
    return re.sub(r"[^\x20-\x7e]", "", agent).strip() or f"aggregator/{__version__}"
