"""Who holds a claim, and until when: the tables whose rows are claimed have the same two columns.

In: rows to claim, and what the machine knows of its processes. Out: claims with a token, and whether the
process that made a token has certainly ended. Nothing is known here of processes on another machine, in
another container or on another system than Linux: their claims end when their time is over.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, Update, func, or_, select, update

from aggregator.store.rows import among, change_among
from aggregator.store.types import AnyRow

#: values of a row that nobody holds
FREE: dict[str, Any] = {"claim_token": None, "claimed_until": None}
_TOKEN = re.compile(r"([a-z]+-)?(?P<place>[0-9a-f]{12})\.(?P<pid>\d+)\.(?P<began>\d+)\.[0-9a-f]{32}")
#: states of a process that has ended and was not yet noticed by its parent
_ENDED = frozenset("ZX")


def is_free(table: Table, now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody holds a row of *table* now."""
    until = table.c.claimed_until
    return or_(until.is_(None), until <= now)


def running_at(connection: Connection, table: Table, now: datetime) -> Counter[str]:
    """Return how many rows of each host somebody holds now."""
    query = select(table.c.host, func.count()).where(table.c.claimed_until > now).group_by(table.c.host)
    return Counter({row[0]: row[1] for row in connection.execute(query)})


def claim_rows(
    connection: Connection, table: Table, ids: Collection[int], until: datetime, kind: str = ""
) -> str:
    """Claim rows that are free, and return the token of the claim; *kind* is as for new_token()."""
    token = new_token(kind)
    claim = update(table).where(among(table.c.id)).values(claim_token=token, claimed_until=until)
    change_among(connection, claim, ids)
    return token


def claim_due(
    connection: Connection, table: Table, now: datetime, *, limit: int, seconds: float
) -> tuple[Sequence[AnyRow], str]:
    """Claim free rows that are due, the longest due first; return them and the token of the claim."""
    c = table.c
    query = select(table).where(c.due_at <= now, is_free(table, now)).order_by(c.due_at, c.id).limit(limit)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    until = now + timedelta(seconds=seconds)
    return rows, claim_rows(connection, table, [row.id for row in rows], until)


def finish(table: Table, row_id: int, token: str, **values: Any) -> Update:
    """Return what writes *values* and gives a claim back, if it still holds."""
    mine = update(table).where(table.c.id == row_id, table.c.claim_token == token)
    return mine.values(FREE | values)


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
