"""Who holds a claim: a token that others on the same machine can judge once its process has ended.

In: what the machine knows of its processes. Out: new tokens, and whether the process that made a
token has certainly ended. Of processes of another machine, another container or another system than
Linux nobody here can know that: their claims end by their own time.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from functools import cache
from pathlib import Path

_TOKEN = re.compile(r"([a-z]+-)?(?P<place>[0-9a-f]{12})\.(?P<pid>\d+)\.(?P<began>\d+)\.[0-9a-f]{32}")
#: states of a process that has ended and was not yet noticed by its parent
_ENDED = frozenset("ZX")


def new_token(kind: str = "") -> str:
    """Return a token that no other claim has; *kind* is its beginning, such as ``worker-``."""
    return f"{kind}{_this_process(os.getpid())}{uuid.uuid4().hex}"


def has_ended(token: str) -> bool:
    """Tell whether the process that made *token* has ended; False where that is not certain."""
    written = _TOKEN.fullmatch(token)
    if written is None or written["place"] != _place():
        return False
    pid = int(written["pid"])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it is somebody else's
    now = _look_at(pid)
    # its number may have gone to another process since
    return now is not None and (now[0] in _ENDED or now[1] != written["began"])


@cache
def _this_process(pid: int) -> str:
    seen = _look_at(pid)
    return f"{_place()}.{pid}.{seen[1]}." if _place() and seen else ""


@cache
def _place() -> str:
    """Return what tells this machine since its start, and this container, from all others."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        numbers = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return hashlib.sha256(f"{boot} {numbers}".encode()).hexdigest()[:12]


def _look_at(pid: int) -> tuple[str, str] | None:
    """Return the state of a process, and when it began (proc(5)); None if that is hidden."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], fields[19]
