"""Where the articles are kept: ``database:`` as written in, a URL with absolute paths out. Opens nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

_SQLITE = re.compile(r"sqlite(\+pysqlite)?://", re.IGNORECASE)
_POSTGRES = re.compile(r"(postgres|postgresql)(\+psycopg)?://", re.IGNORECASE)


def check_database(text: str) -> str:
    """Return *text* when it is a URL of one of the two engines; no message quotes it: it may hold a password.

    Raises:
        ValueError: it is no such URL.
    """
    if match := _SQLITE.match(text):
        _check_file(text[match.end() :])
    elif _POSTGRES.match(text):
        try:
            _ = urlsplit(text).port
        except ValueError:
            raise ValueError("the host or port of the database URL cannot be read") from None
    else:
        raise ValueError(
            "not a database URL: write sqlite:///aggregator.db or postgresql://user:password@host/name"
        )
    return text


def check_postgres(text: str) -> str:
    """Return *text* when it is a URL of a PostgreSQL.

    Raises:
        ValueError: it is none.
    """
    if not _POSTGRES.match(text):
        raise ValueError("not the URL of a PostgreSQL: postgresql://user:password@host/name")
    return check_database(text)


def _check_file(rest: str) -> None:
    if rest in ("", "/", "/:memory:") or "mode=memory" in rest:
        raise ValueError(
            "a database in memory is not shared between processes; name a file: sqlite:///aggregator.db"
        )
    if not rest.startswith("/"):
        raise ValueError("a SQLite URL has three slashes before a relative path, four before an absolute one")
    if "?" in rest or "#" in rest:
        raise ValueError("options after ? are not read; the aggregator sets what SQLite needs")


def resolve_database(url: str, folder: Path) -> str:
    """Return the checked *url* with an absolute path, counted from *folder*, and with our driver."""
    if match := _SQLITE.match(url):
        return f"sqlite:///{os.path.abspath(folder / url[match.end() + 1 :])}"
    return _POSTGRES.sub("postgresql+psycopg://", url, count=1)
