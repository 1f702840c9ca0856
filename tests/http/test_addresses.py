"""Which addresses the guard lets a socket connect to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.http.addresses import AllowList, is_public, parse_allow_list, refusal

NOBODY = AllowList()

REFUSED = {
    "loopback": "127.0.0.1",
    "the rest of loopback": "127.255.255.254",
    "this network": "0.0.0.0",
    "private 10": "10.1.2.3",
    "private 172.16": "172.31.255.255",
    "private 192.168": "192.168.1.1",
    "link-local, metadata of most clouds": "169.254.169.254",
    "carrier-grade NAT": "100.64.0.1",
    "metadata behind carrier-grade NAT": "100.100.100.200",
    "Azure's host agent": "168.63.129.16",
    "protocol assignments, metadata of one cloud": "192.0.0.192",
    "old 6to4 relays": "192.88.99.1",
    "benchmarks": "198.18.0.1",
    "documentation": "203.0.113.9",
    "multicast": "224.0.0.1",
    "multicast that Python calls global": "233.1.1.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "IPv6 loopback": "::1",
    "IPv6 unspecified": "::",
    "IPv6 link-local with a scope": "fe80::1%eth0",
    "IPv6 site-local": "fec0::1",
    "IPv6 unique local": "fd00:ec2::254",
    "IPv6 multicast": "ff02::1",
    "IPv6 documentation": "2001:db8::1",
    "newer IPv6 documentation": "3fff::1",
    "IPv6 discard": "100::1",
    "Teredo": "2001:0:7f00:1::",
    "segment routing": "5f00::1",
    "loopback, v4-mapped": "::ffff:127.0.0.1",
    "loopback, v4-compatible": "::127.0.0.1",
    "loopback through 6to4": "2002:7f00:1::1",
    "private through NAT64": "64:ff9b::10.0.0.1",
    "NAT64 of local use": "64:ff9b:1::808:808",
    "no address at all": "localhost",
    "a decimal number": "2130706433",
}


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED.keys())
def test_private_and_reserved_addresses_are_refused(address: str) -> None:
    assert refusal(address, 80, NOBODY)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_public_addresses_pass(address: str) -> None:
    assert refusal(address, 443, NOBODY) is None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_wrapping(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    nat64 = ipaddress.IPv6Address((0x0064FF9B << 96) | number)
    sixtofour = ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)
    assert is_public(mapped) == is_public(nat64) == is_public(sixtofour) == is_public(ip)


@given(st.ip_addresses())
def test_nothing_python_calls_private_is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        assert not is_public(ip)


def test_a_network_of_the_allow_list_admits_its_addresses_only() -> None:
    allow = parse_allow_list(["10.0.0.0/8", "fd00::/8", "192.168.7.1"])
    assert refusal("10.9.9.9", 80, allow) is None
    assert refusal("fd12::1", 80, allow) is None
    assert refusal("192.168.7.1", 80, allow) is None
    assert refusal("::ffff:10.0.0.1", 80, allow) is None
    assert refusal("192.168.7.2", 80, allow)
    assert refusal("127.0.0.1", 80, allow)


def test_host_and_port_admit_that_port_of_that_host_only() -> None:
    allow = parse_allow_list(["wiki.lan:8080", "127.0.0.1:9000", "[::1]:9000"])
    assert refusal("10.0.0.5", 8080, allow, "wiki.lan") is None
    assert refusal("10.0.0.5", 8080, allow, "WIKI.lan") is None
    assert refusal("10.0.0.5", 22, allow, "wiki.lan")
    assert refusal("10.0.0.5", 8080, allow, "other.lan")
    assert refusal("127.0.0.1", 9000, allow) is None
    assert refusal("::1", 9000, allow) is None
    assert refusal("127.0.0.1", 9001, allow)


@pytest.mark.parametrize(
    "item", ["", "10.0.0.0/99", "wiki.lan", "wiki.lan:", "wiki.lan:99999", "http://a:80", ":8"]
)
def test_nonsense_in_the_allow_list_is_named(item: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        parse_allow_list([item])
