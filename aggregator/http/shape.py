"""The shape of a request: how we introduce ourselves, and what one source wants different from the ordinary.

A value that config fills and client and fetch read. Credentials and own headers go to the origin
of the asked URL and to no other, however many redirects follow (RFC 9110 §15.4).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from aggregator import __version__
from aggregator.http.target import basic
from aggregator.model import FetchSettings, Site

#: header fields in the order they are sent
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestShape:
    """Options of the requests of one source; the default changes nothing."""

    #: extra header fields, only to the asked origin
    headers: Headers = field(default=(), repr=False)
    #: ``user:password`` for Basic, or ``Bearer <token>``; only to the asked origin
    auth: str | None = field(default=None, repr=False)
    #: None: the client's own
    user_agent: str | None = None
    #: http or https URL, may have credentials; None: no proxy
    proxy: str | None = field(default=None, repr=False)
    #: total deadline in seconds; None: the client's
    timeout_s: float | None = None
    #: accept any certificate of the asked host
    insecure_tls: bool = False
    #: PEM file of certificate authorities trusted besides the system's
    ca_file: str | None = None
    #: False: never send validators (servers whose 304 lies)
    conditional: bool = True

    def private_headers(self) -> Headers:
        """Return the fields that only the asked origin may see."""
        return (*self.headers, ("Authorization", authorization(self.auth))) if self.auth else self.headers

    def mark(self, url_authorization: str | None = None) -> str:
        """Return a short hash of what may change the answer; empty for the ordinary shape.

        Validators belong to a URL and the shape of the request that brought them (RFC 9110 §8.8).
        The hash tells shapes apart without storing a credential.
        """
        parts = (self.private_headers(), self.user_agent, url_authorization)
        if parts == ((), None, None):
            return ""
        return hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


ORDINARY = RequestShape()


def user_agent(settings: FetchSettings, site: Site) -> str:
    """Return ``aggregator/<version> (+<contact>)``, or what the operator set instead.

    The contact is site.contact, else site.url (RFC 9110 §10.1.5).
    """
    return settings.user_agent or f"aggregator/{__version__} (+{site.contact or site.url})"


def sendable(agent: str) -> str:
    """Return *agent* without the characters a header field cannot carry; never empty."""
    return re.sub(r"[^\x20-\x7e]", "", agent).strip() or f"aggregator/{__version__}"


def authorization(auth: str) -> str:
    """Return the Authorization value for ``user:password`` or ``Bearer <token>``."""
    if auth[:7].lower() == "bearer ":
        return f"Bearer {auth[7:].strip()}"
    return basic(auth.replace("%", "%25"))
