"""What every test would compile anew is compiled once for a process: statements and routes.

SQLAlchemy keeps what it compiled with the engine, werkzeug with the app. Most tests open an engine of
their own, many an app: it took half of their time.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from werkzeug.routing import Rule

#: by the name of a database's kind, and what its engines were told of isolation: a dialect holds that
_dialects: dict[tuple[str, Any], Dialect] = {}
_statements: defaultdict[tuple[str, Any], dict[Any, Any]] = defaultdict(dict)
_routes: dict[tuple[str, bool], Any] = {}
_compile_route = Rule._compile_builder


def share_compiled() -> None:
    """Let engines of one kind of database, and apps with the same routes, share what was compiled."""
    event.listen(Engine, "engine_connect", _share_statements)
    Rule._compile_builder = _shared_route  # type: ignore[method-assign]


def _share_statements(connection: Connection) -> None:
    own = connection.dialect
    kind = own.name, getattr(own, "_on_connect_isolation_level", None)
    # what is compiled is found again by its dialect, too
    connection.dialect = _dialects.setdefault(kind, own)
    connection.execution_options(compiled_cache=_statements[kind])


def _shared_route(rule: Rule, append_unknown: bool = True) -> Any:
    key = rule.rule, append_unknown
    if key not in _routes:
        _routes[key] = _compile_route(rule, append_unknown)
    return _routes[key]
