"""Following the store: what a desk remembers stands until a change is heard of, instead of for a second.

The URL of a PostgreSQL flows in; the desk is told when to read again. While nothing can be heard,
versions are read once a second as without all this.
"""

from __future__ import annotations

import logging
import threading
import time

from aggregator.errors import StoreError
from aggregator.store.notices import listen
from aggregator.web.desk import VERSION_S, Desk

log = logging.getLogger(__name__)
#: how long what was read stands while changes are heard of; a bound on what a dead network may hide
HEARD_S = 10.0
RETRY_S = 2.0


def follow(desk: Desk, url: str) -> None:
    """Keep *desk* in step with the database at *url*, from a thread of its own."""
    threading.Thread(target=_follow, args=(desk, url), name="following", daemon=True).start()


def _follow(desk: Desk, url: str) -> None:
    is_told = False

    def heard() -> None:
        nonlocal is_told
        is_told = False
        desk.renew(HEARD_S)

    while True:
        try:
            listen(url, heard)
        except StoreError as error:
            desk.renew(VERSION_S)
            if not is_told:
                log.warning("%s; what changed is looked up every second meanwhile", error)
            is_told = True
        time.sleep(RETRY_S)
