"""A source's addresses and name flow in, the outlet flows out: who speaks, however many feeds it has.

The registrable domain is the outlet (news.example.co.uk and sport.example.co.uk are
example.co.uk), by the public suffix list that the package carries; nothing is asked of the
network. Hosts of one's own network have no such domain: there the configured name stands for it.
"""

from __future__ import annotations

import ipaddress
from functools import cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

#: names that lead nowhere outside one's own network (RFC 6761, RFC 6762, RFC 8375)
_PRIVATE = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".test", ".invalid")


@cache
def outlet_of(url: str, name: str) -> str:
    """Return the outlet of a source.

    Args:
        url: its own page where known, else the feed's address.
        name: as configured, for hosts without a registrable domain.
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        host = ""
    if not host or _is_private(host):
        return name.casefold() or host
    return _suffixes().privatesuffix(host) or host


def _is_private(host: str) -> bool:
    if "." not in host or host.endswith(_PRIVATE):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
