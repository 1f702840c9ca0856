"""A URL as it goes out: what is put on the wire, to whom, and which credentials it carried.

In comes text that a person configured or a redirect said, out comes a Target, or Refused with
a sentence. Path and query are never re-encoded: ``%2d`` stays ``%2d``; only characters that no
request line can carry (blanks, non-ASCII) are percent-encoded. Nothing is looked up here.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes, urljoin

import idna

from aggregator.http.errors import RedirectFailed, Refused

#: characters; longer ones are refused by most servers anyway
_LONGEST = 8000
_PORTS = {"http": 80, "https": 443}
_NO_HOST = "the URL names no valid host"
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_UNSENDABLE = re.compile(r"[^\x21-\x7e]")
#: labels of RFC 1035 §2.3.4, underscores allowed; the root's dot may end them
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")
_NUMERIC = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)")


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes."""

    #: the URL on the wire: no fragment, no credentials, path and query byte for byte
    url: str
    scheme: str
    #: lower case, ASCII, without brackets; numeric spellings of IPv4 are written out
    host: str
    port: int
    #: value for Authorization, from ``user:password@`` in the URL; None if there was none
    authorization: str | None = None

    @property
    def path(self) -> str:
        """Path and query, as on the request line."""
        return self.url[self.url.index("/", len(self.scheme) + 3) :]

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: credentials stay inside (RFC 6454)."""
        return self.scheme, self.host, self.port


@lru_cache(maxsize=4096)
def parse_target(text: str) -> Target:
    """Read an absolute http or https URL.

    Raises:
        Refused: it has another scheme, no host, control characters or a malformed authority.
    """
    text = text.strip(" \t\r\n\f")
    if _CONTROL.search(text):
        raise Refused("the URL has control characters in it")
    if len(text) > _LONGEST:
        raise Refused(f"the URL is longer than {_LONGEST} characters")
    try:
        return _read(text)
    except ValueError as error:
        raise Refused(str(error), without_credentials(text)) from None


def _read(text: str) -> Target:
    scheme, authority, rest = _split(text)
    # raw bytes of a Location: no name, no password. Browsers read a backslash as "/", others as part of the
    # name: nobody means it
    if "\\" in authority or any("\ud800" <= character <= "\udfff" for character in authority):
        raise ValueError(_NO_HOST)
    userinfo, at, hostport = authority.rpartition("@")
    host, port = _host_and_port(hostport, scheme)
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port == _PORTS[scheme] else f"{shown}:{port}"
    url = f"{scheme}://{netloc}{rest}"
    return Target(url, scheme, host, port, basic(userinfo) if at and userinfo else None)


def join_target(base: Target, location: str) -> Target:
    """Read the Location of a redirect from *base* (RFC 9110 §10.2.2).

    Raises:
        RedirectFailed: it is empty or has control characters.
        Refused: it leads to another scheme or nowhere.
    """
    location = location.strip(" ")
    if not location or _CONTROL.search(location):
        raise RedirectFailed("the redirect has no usable Location", base.url)
    if location.startswith("//"):
        return parse_target(f"{base.scheme}:{location}")
    if _SCHEME.match(location):
        return parse_target(location)
    try:
        return parse_target(urljoin(base.url, location))
    except ValueError:
        raise RedirectFailed("the redirect has no usable Location", base.url) from None


def basic(userinfo: str) -> str:
    """Return the Basic credentials for ``user:password``, percent-decoded (RFC 7617)."""
    user, colon, password = userinfo.partition(":")
    plain = unquote_to_bytes(user) + b":" + unquote_to_bytes(password if colon else "")
    return "Basic " + base64.b64encode(plain).decode("ascii")


def without_credentials(text: str) -> str:
    """Return a URL with ``user:password@`` cut out, for messages; anything else unchanged."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*@", r"\1//", text)


def _split(text: str) -> tuple[str, str, str]:
    match = _SCHEME.match(text)
    scheme = match.group(1).lower() if match else ""
    if scheme not in _PORTS:
        what = f"not {scheme}: addresses" if scheme else "and this address begins with neither"
        raise ValueError(f"only http and https are fetched, {what}")
    after = text[len(scheme) + 1 :]
    if not after.startswith("//"):
        raise ValueError("the URL names no host")
    end = re.search(r"[/?#]", after[2:])
    cut = 2 + end.start() if end else len(after)
    path = after[cut:].partition("#")[0]
    if not path.startswith("/"):
        path = "/" + path
    return scheme, after[2:cut], _UNSENDABLE.sub(lambda found: _percent(found.group()), path)


def _percent(character: str) -> str:
    try:
        octets = character.encode("utf-8", "surrogateescape")  # a Location's raw bytes stay those bytes
    except UnicodeEncodeError:
        octets = b"?"
    return "".join(f"%{octet:02X}" for octet in octets)


def _host_and_port(hostport: str, scheme: str) -> tuple[str, int]:
    match = re.fullmatch(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]*))?", hostport)
    if match is None or not match.group(1):
        raise ValueError(_NO_HOST)
    port = int(match.group(2) or _PORTS[scheme]) if len(match.group(2) or "") <= 5 else 0
    if not 0 < port < 65536:
        raise ValueError("the URL has an impossible port")
    try:
        return _host(match.group(1)), port
    except ValueError:
        raise ValueError(_NO_HOST) from None


def _host(host: str) -> str:
    if host.startswith("["):
        return str(ipaddress.IPv6Address(host[1:-1].partition("%")[0]))
    name = _percent_decoded(host)
    if not name.isascii():
        name = _ascii(name)
    name = name.lower()
    if not _NAME.fullmatch(name) or len(name) > 254:
        raise ValueError(name)
    last = name.rstrip(".").rpartition(".")[2]
    if _NUMERIC.fullmatch(last):
        # The C library reads 0177.1, 0x7f000001 and 2130706433 as 127.0.0.1: so do we, to judge it.
        try:
            return str(ipaddress.IPv4Address(socket.inet_aton(name.rstrip("."))))
        except OSError:
            raise ValueError(name) from None
    return name


def _ascii(name: str) -> str:
    """Return an international name for DNS; the older rules know the emoji that the newer refuse."""
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return name.encode("idna").decode("ascii")


def _percent_decoded(host: str) -> str:
    return unquote_to_bytes(host).decode("utf-8") if "%" in host else host
