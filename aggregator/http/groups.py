"""Groups: which URLs share one budget of politeness.

A URL in, the name of its group out: the registrable domain by the public suffix list, because the
sub-domains of one site are usually one server and one patience. An address literal, a name without
a dot and a name of a private network stand for themselves, with their port: what else runs on that
machine is another service. No name is resolved.
"""

from __future__ import annotations

from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

#: the group of local files, which are nobody's site
FILES = ":0"
_PORTS = {"http": 80, "https": 443}
#: no name is longer (RFC 1035 §2.3.4)
_LONGEST_HOST = 253
#: names that only mean something inside a network (RFC 6761, RFC 6762, RFC 8375, RFC 9476)
_PRIVATE = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".home.arpa")


@lru_cache(maxsize=16_384)
def group_of(url: str) -> str:
    """Return the group of *url*: ``bbc.co.uk``, or ``10.0.0.5:8080`` for what stands for itself.

    Empty for what leads to no host.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        return ""
    if len(host) > _LONGEST_HOST:
        return ""
    if _stands_alone(host):
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        name = host
    return _suffixes().privatesuffix(name) or name


def is_shared(group: str) -> bool:
    """Tell whether a group is a public site whose parts share a budget, not a host of its own."""
    return ":" not in group


def _stands_alone(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE)
    return True


@cache
def _suffixes() -> PublicSuffixList:
    # imported and read when the first URL asks: a tenth of a second that most commands do without
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
