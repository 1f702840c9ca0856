"""Notices: on PostgreSQL, who listens hears at once that something published has changed.

In: the transaction that changes something, or the URL of the database. Out: a call for each change
that was committed, or several together. SQLite has none of this: there, versions are read.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, func, make_url, select

from aggregator.errors import StoreError
from aggregator.store.dialect import is_postgres

CHANNEL = "aggregator_changed"
#: seconds of silence after which the connection is tried
BEAT_S = 5.0
#: changes of so many seconds are told together: where articles arrive all the time, something always changes
PACE_S = 0.1
#: a network that swallows what is sent is noticed within seconds, too
_LIVELY = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 10_000}
#: how the session calls itself, for administrators
NAME = "aggregator listening"


def announce(connection: Connection) -> None:
    """Tell all who listen that something published has changed, when this transaction commits."""
    if is_postgres(connection):
        connection.execute(select(func.pg_notify(CHANNEL, "")))


def listen(url: str, heard: Callable[[], object]) -> None:
    """Call *heard* as soon as changes are heard of, and after each from then on; ends only with an error.

    Args:
        url: of the database itself: through a pooler of transactions nothing is heard.

    Raises:
        StoreError: the database is away.
    """
    import psycopg

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, autocommit=True, application_name=NAME, **_LIVELY) as connection:  # type: ignore[arg-type]
            connection.execute(f"LISTEN {CHANNEL}")
            heard()
            while True:
                if list(connection.notifies(timeout=BEAT_S, stop_after=1)):
                    heard()
                    time.sleep(PACE_S)
                else:
                    connection.execute("SELECT 1")
    except psycopg.Error as error:
        raise StoreError(f"changes are not heard of: {' '.join(str(error).split())}") from error
