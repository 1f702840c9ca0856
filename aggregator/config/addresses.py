"""Addresses that people write: URLs of sources, where to listen, what private places to admit.

Text in, checked text or parts out, ValueError with one sentence otherwise. Resolves no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from yarl import URL

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 4000
#: a picture in the theme's folder of files
FACE_FILE = re.compile(r"[\w-][\w.-]{0,98}\.(png|jpe?g|gif|svg|webp)", re.IGNORECASE | re.ASCII)


def check_url(text: str) -> str:
    """Return *text*, stripped of blanks around it, when it is an http or https URL with a host."""
    text = text.strip()
    split_url(text)
    return text


def check_base_url(text: str) -> str:
    """Return a public base URL without its trailing slash; it has neither query nor fragment.

    One in other letters is spelled in ASCII (RFC 3987 §3.1): header fields and RSS carry no others.
    """
    text = check_url(text)
    if "?" in text or "#" in text:
        raise ValueError("a base URL has no ? and no #")
    return (text if text.isascii() else str(URL(text))).rstrip("/")


def split_url(text: str) -> SplitResult:
    """Return the parts of an http or https URL; the sentences of its errors never quote it whole.

    Raises:
        ValueError: it is no such URL.
    """
    if re.search(r"[\s\\]", text):
        raise ValueError("a URL holds no blanks and no backslashes")
    if unseen := next((each for each in text if not each.isprintable()), None):
        raise ValueError(f"the URL holds a character that cannot be seen, U+{ord(unseen):04X}; remove it")
    if len(text) > _LONGEST_URL:
        raise ValueError(f"a URL has at most {_LONGEST_URL} characters")
    if text.lower().startswith("feed:"):
        raise ValueError("write the address with http:// or https:// instead of feed:")
    if not re.match(r"https?://", text, re.IGNORECASE):
        raise ValueError("not a web address: write http:// or https:// and a host")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("not a web address: its host or port cannot be read") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("a user name or password in a URL would be published with it; remove it")
    if port == 0:
        raise ValueError("a port is a number from 1 to 65535")
    check_host(parts.hostname or "")
    return parts


def check_host(host: str) -> None:
    """Raise ValueError unless *host* is a literal address or a name that DNS could know (RFC 1123 §2.1)."""
    if not host:
        raise ValueError("the host is missing")
    if _find_address(host):
        return
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    labels = name.removesuffix(".").split(".")
    if len(name) > 253 or not all(re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", label) for label in labels):
        raise ValueError("the host is no valid name")
    if re.fullmatch(r"[0-9]+", labels[-1]):
        raise ValueError("the host is no valid IPv4 address")


def parse_listen(text: str) -> tuple[str, int]:
    """Return host and port of ``127.0.0.1:8000``, ``localhost:8000`` or ``[::1]:8000``."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]*):([0-9]{1,5})", text, re.ASCII)
    if match is None:
        raise ValueError("not host:port: write 127.0.0.1:8000 or [::1]:8000, for example")
    host, port = match[1].strip("[]"), int(match[2])
    if not 1 <= port <= 65535:
        raise ValueError("a port is a number from 1 to 65535")
    if not host:
        raise ValueError(
            f"the host is missing: 127.0.0.1:{port} is this machine only, 0.0.0.0:{port} is everybody"
        )
    if match[1].startswith("[") and not _find_address(host):
        raise ValueError("between [ and ] stands no IPv6 address")
    check_host(host)
    return host, port


def check_admission(text: str) -> str:
    """Return an entry of ``allow_private`` in lower case: a network, an address, or host:port."""
    text = text.lower()
    if "/" in text or _find_address(text):
        return _check_network(text)
    try:
        host, port = parse_listen(text)
    except ValueError:
        raise ValueError(
            "not a network or host:port: write 10.0.0.0/8 or 127.0.0.1:8080, for example"
        ) from None
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _check_network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        pass
    try:
        wider = ip_network(text, strict=False)
    except ValueError:
        raise ValueError("not a network: write 10.0.0.0/8 or fd00::/8, for example") from None
    raise ValueError(f"the address has bits beyond its prefix: write {wider}")


def is_admitted(url: str, admissions: Iterable[str]) -> bool:
    """Say whether ``allow_private`` names the host of *url* literally.

    True for an equal host:port, and for an address (or ``localhost``) inside a network. A name
    that resolves into a network is not known here: that is for the guard to see at connect time.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme.lower(), 0)
    except ValueError:  # a publisher may write anything
        return False
    pair = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    addresses = ["127.0.0.1", "::1"] if host == "localhost" else [host]
    return any(
        admission == pair or ("/" in admission and any(_is_inside(each, admission) for each in addresses))
        for admission in admissions
    )


def _is_inside(host: str, network: str) -> bool:
    address = _find_address(host)
    return address is not None and ip_address(address) in ip_network(network)


def _find_address(host: str) -> str | None:
    try:
        return str(ip_address(host)) if "%" not in host else None
    except ValueError:
        return None


def check_face(text: str) -> str:
    """Return the URL of a picture, or the name of one among the theme's static files.

    Raises:
        ValueError: it is neither.
    """
    if FACE_FILE.fullmatch(text):
        return text
    try:
        return check_url(text)
    except ValueError:
        raise ValueError("neither a web address nor the name of a picture, such as ann.png") from None


def check_path(text: str) -> str:
    """Return the path of a file or folder; whether it is there is seen when it is used."""
    if "\0" in text or len(text) > 1000:
        raise ValueError("not the path of a file or folder")
    return text
