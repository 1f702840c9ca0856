"""A local file, read as if a server had sent it: a claim in, an Outcome out.

The file's moment and size are its validator. Nothing is contacted, and nothing is raised for
what a disk does.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aggregator.model import Claim, Failed, FailureKind, Fetched, NotModified, Outcome, Validators

_TYPES = {".html": "text/html", ".htm": "text/html", ".json": "application/json", ".xml": "application/xml"}


def is_local(url: str) -> bool:
    """Tell whether an address is that of a local file."""
    return url.startswith("file:")


def read_file(claim: Claim, max_bytes: int) -> Outcome:
    """Return the file that a claim's ``file:`` URL names; NotModified where it is as it was.

    Args:
        max_bytes: a larger file is not read.
    """
    path = Path(unquote(urlsplit(claim.url).path))
    try:
        # a pipe would wait for its writer
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                return _failed(FailureKind.CONNECT, f"{path} is no file.")
            if found.st_size > max_bytes:
                return _failed(FailureKind.TOO_LARGE, f"{path} has more than {max_bytes} bytes.")
            validators = Validators(etag=f'"{found.st_mtime_ns}-{found.st_size}"', url=claim.url)
            if validators == claim.validators:
                return NotModified(validators=validators)
            body = file.read(max_bytes)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return _failed(FailureKind.CONNECT, f"{path} cannot be read: {reason}.")
    kind = _TYPES.get(path.suffix.lower())
    return Fetched(
        url=claim.url,
        status=200,
        headers={"content-type": kind} if kind else {},
        body=body,
        validators=validators,
        wire_bytes=0,
    )


def _failed(kind: FailureKind, reason: str) -> Failed:
    return Failed(kind=kind, reason=reason)
