"""Signatures of what is pushed (WebSub §7.1, §8) or called: secret and body in, a header or its check out."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Hub-Signature"
#: what hubs may sign with; we sign with SHA-256, which all of them know
_METHODS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


def sign(secret: str, body: bytes) -> str:
    """Return the value of the header for *body*."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, header: str | None) -> bool:
    """Say whether *header* proves that who sent *body* knows *secret*; compared in constant time."""
    method, _, said = (header or "").strip().partition("=")
    make = _METHODS.get(method.lower())
    if make is None:
        return False
    right = hmac.new(secret.encode(), body, make).hexdigest()
    return hmac.compare_digest(right.encode(), said.strip().lower().encode("utf-8", "replace"))
