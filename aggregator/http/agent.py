"""How we introduce ourselves: one honest User-Agent with a way to reach the operator."""

from __future__ import annotations

import re

from aggregator import __version__
from aggregator.model import FetchSettings, Site


def user_agent(settings: FetchSettings, site: Site) -> str:
    """Return ``aggregator/<version> (+<contact>)``, or what the operator set instead.

    The contact is site.contact, else site.url. Characters a header cannot carry are dropped.
    """
    text = settings.user_agent or f"aggregator/{__version__} (+{site.contact or site.url})"
    return re.sub(r"[^\x20-\x7e]", "", text).strip() or f"aggregator/{__version__}"
