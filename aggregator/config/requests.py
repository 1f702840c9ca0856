"""The kinds of value that shape one source's requests: header fields, credentials, proxy, switches.

Text in, checked values out. Most of these are secrets or may hold one, so no message here ever
quotes what was typed.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, WithJsonSchema

from aggregator.config.addresses import check_path
from aggregator.config.fields import read, string_schema

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
_SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}
_SWITCH_SCHEMA = {"type": ["boolean", "string"], "pattern": r"^(on|off|yes|no|true|false)$|\$\{.+\}"}


def check_headers(value: object) -> tuple[tuple[str, str], ...]:
    """Return header fields in the order they are written.

    Raises:
        ValueError: a name or a value that cannot be sent, or a field that is ours to set.
    """
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise ValueError("expected names and values, such as {X-Api-Key: '${API_KEY}'}")
    return tuple((_name(name), _value(name, text)) for name, text in value.items())


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


def parse_switch(value: object) -> bool:
    """Return what ``on`` and ``off`` say; yes, no, true and false are understood too."""
    text = value.strip().lower() if isinstance(value, str) else ""
    if text not in _SWITCH:
        raise ValueError("write on or off")
    return _SWITCH[text]


def _name(name: object) -> str:
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        raise ValueError("a header field's name is letters, digits and hyphens")
    instead = _OURS.get(name.lower())
    if instead is not None:
        hint = f": write {instead}" if instead else ""
        raise ValueError(f"the header field {name} is not set here{hint}")
    return name


def _value(name: str, value: object) -> str:
    if not isinstance(value, str) or not _VALUE.fullmatch(value.strip()):
        raise ValueError(f"the value of {name} is not one line of plain ASCII text")
    return value.strip()


Headers = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(check_headers),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number"]}}),
]
Auth = Annotated[str, read(check_auth, _LONGEST_AUTH), string_schema("^[^:]+:|^[Bb]earer ")]
Proxy = Annotated[str, read(check_proxy), string_schema("^https?://")]
CaFile = Annotated[str, read(check_path), string_schema(minLength=1)]
Switch = Annotated[bool, BeforeValidator(parse_switch), WithJsonSchema(_SWITCH_SCHEMA)]
