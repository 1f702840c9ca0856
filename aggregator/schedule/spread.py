"""Spreading: texts in, fractions out, the same for the same text in every process and after a restart.

Sources that were all asked in one minute (a first start, a long outage) must not be asked in one
minute for ever. The spread is drawn from a hash, not from a random generator, so that a schedule can
be explained and tested. It never makes a poll earlier: callers only add it, or (after failures)
stay within their stated bounds.
"""

from __future__ import annotations

from hashlib import blake2b


def fraction(seed: str) -> float:
    """Return a number in [0, 1) that looks random and always is the same for *seed*."""
    digest = blake2b(seed.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
