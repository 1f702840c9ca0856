"""The guard: which network addresses may be contacted.

In comes the address a socket is about to connect to, out comes permission or the reason for
refusing it. Only the connected address is judged, never the spelling of a URL or an earlier
look-up: that is what makes decimal and octal spellings, redirects and rebinding names harmless.
It never resolves names and never connects.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Python's is_global differs between patch releases; these are refused whatever it says.
_REFUSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # shared address space of carriers, also some clouds' metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, a public address by accident
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6 = tuple(ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


@dataclass(frozen=True, slots=True)
class AllowList:
    """The private places an operator admits."""

    networks: tuple[Network, ...] = ()
    #: lower-case host (name or canonical address) and port
    hosts: frozenset[tuple[str, int]] = frozenset()


def parse_allow_list(items: Iterable[str]) -> AllowList:
    """Read CIDR networks, single addresses and ``host:port`` pairs.

    Raises:
        ValueError: an item is none of these; the message names it.
    """
    networks: list[Network] = []
    hosts: set[tuple[str, int]] = set()
    for item in items:
        try:
            networks.append(ipaddress.ip_network(item.strip(), strict=False))
        except ValueError:
            hosts.add(_host_and_port(item.strip()))
    return AllowList(tuple(networks), frozenset(hosts))


def _host_and_port(item: str) -> tuple[str, int]:
    host, _, port = item.rpartition(":")
    host = host.removeprefix("[").removesuffix("]").lower()
    if not host or not port.isdecimal() or not 0 < int(port) < 65536 or any(c in host for c in "/@ "):
        raise ValueError(f"{item!r} is neither a network such as 10.0.0.0/8 nor host:port")
    try:
        return str(ipaddress.ip_address(host)), int(port)
    except ValueError:
        return host, int(port)


def refusal(address: str, port: int, allow: AllowList, host: str = "") -> str | None:
    """Return why *address* may not be contacted, None if it may.

    Args:
        address: what the socket is about to connect to, in numbers; a scope (``%eth0``) is ignored.
        host: the name the URL asked for; admits through a ``host:port`` item of the allow-list.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is not a network address"
    if (host.lower(), port) in allow.hosts or (str(ip), port) in allow.hosts:
        return None
    real = unmapped(ip)
    if any(candidate in network for network in allow.networks for candidate in {ip, real}):
        return None
    return None if is_public(ip) else f"{address} is a private or reserved address"


def is_public(ip: Address) -> bool:
    """Say whether *ip*, and the IPv4 address it may carry inside, belongs to the public internet."""
    ip = unmapped(ip)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not any(ip in network for network in _REFUSED_V4)
    return ip in _GLOBAL_V6 and ip.is_global and not any(ip in network for network in _REFUSED_V6)


def unmapped(ip: Address) -> Address:
    """Return the IPv4 address that *ip* leads to, else *ip* itself.

    Knows v4-mapped (::ffff:0:0/96), v4-compatible (::/96), 6to4 (RFC 3056) and NAT64 (RFC 6052).
    """
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 0xFFFF):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
