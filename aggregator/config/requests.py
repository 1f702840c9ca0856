"""The kinds of value that shape one source's requests: header fields, credentials, proxy.

Text in, checked values out. Most of these are secrets or may hold one, so no message here ever
quotes what was typed.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from aggregator.config.fields import read

#: fields that belong to the connection, to conditional requests or to other settings (RFC 9110 §7.6.1)
_OURS = {
    **dict.fromkeys(("host", "connection", "content-length", "transfer-encoding", "te", "upgrade"), ""),
    **dict.fromkeys(("if-none-match", "if-modified-since", "range", "accept-encoding", "keep-alive"), ""),
    "authorization": "auth",
    "user-agent": "user_agent",
}
#: characters of a bearer token, which may hold much
_LONGEST_AUTH = 4000
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e\t]{0,4000}")


def check_auth(text: str) -> str:
    """Return ``user:password`` or ``Bearer <token>``."""
    is_bearer = re.fullmatch(r"(?i:bearer) +[\x21-\x7e]+", text)
    if not (is_bearer or re.fullmatch(r"[^\x00-\x1f\x7f:]+:[^\x00-\x1f\x7f]*", text)):
        raise ValueError("write user:password, or Bearer and a token")
    return text


def check_proxy(text: str) -> str:
    """Return the URL of an http or https proxy; it may hold a user name and a password."""
    try:
        parts = urlsplit(text)
        is_proxy = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_proxy = False
    if not is_proxy or parts.path not in {"", "/"} or parts.query or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError("a proxy is http://host:port or https://host:port")
    return text


def _names_and_values(value: object) -> object:
    if not isinstance(value, dict | None):
        raise ValueError("expected names and values, such as {X-Api-Key: '${API_KEY}'}")
    return value or {}


def _name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError("a header field's name is letters, digits and hyphens")
    instead = _OURS.get(name.lower())
    if instead is not None:
        hint = f": write {instead}" if instead else ""
        raise ValueError(f"the header field {name} is not set here{hint}")
    return name


def _value(value: object) -> str:
    if not isinstance(value, str) or not _VALUE.fullmatch(value.strip()):
        raise ValueError("not one line of plain ASCII text")
    return value.strip()


#: name -> value, in the order they are written
Headers = Annotated[
    dict[Annotated[str, AfterValidator(_name)], Annotated[str, BeforeValidator(_value)]],
    BeforeValidator(_names_and_values),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number"]}}),
]
Auth = Annotated[str, *read(check_auth, "^[^:]+:|^[Bb]earer ", _LONGEST_AUTH)]
Proxy = Annotated[str, *read(check_proxy, "^https?://")]
