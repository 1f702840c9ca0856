"""Whether others can reach an address of ours: the site's URL in, a yes or no out, by its spelling alone."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aggregator.http.addresses import is_public

#: names that mean something only inside a network (RFC 6761, RFC 6762, RFC 8375)
_INNER = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".example", ".invalid")


def is_reachable(url: str) -> bool:
    """Say whether *url* can be called from the public internet, as far as it tells by itself."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return "." in host and not host.endswith(_INNER)
