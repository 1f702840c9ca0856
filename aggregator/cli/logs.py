"""Log lines: one event a line, as text or JSON; never a line break from a feed, nor a row of the store."""

from __future__ import annotations

import json
import logging
import logging.config
from datetime import UTC, datetime
from typing import Any

from aggregator.cli.terminal import SHOWN

_ESCAPES = {**SHOWN, ord("\t"): "\\t", ord("\n"): "\\n"}
#: PostgreSQL's name for the row that it refused, whose values may be secrets
_QUOTED_ROW = "DETAIL:"


class Lines(logging.Formatter):
    """What both kinds of lines have in common."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name that logging calls
        """Return the traceback without what the database quotes of its rows."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(line for line in lines if not line.lstrip(" |").startswith(_QUOTED_ROW))


class TextLines(Lines):
    """`time LEVEL logger message`; tracebacks follow on their own indented lines."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{at} {record.levelname:<7} {record.name} {record.getMessage().translate(_ESCAPES)}"
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            line += "".join(f"\n    {part.translate(_ESCAPES)}" for part in trace.splitlines())
        return line


class JsonLines(Lines):
    """One JSON object a line; what belongs to a poll has its id under ``poll``."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if isinstance(record.args, tuple) and str(record.msg).endswith(" id=%s"):
            event["poll"] = str(record.args[-1])
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return json.dumps(event)


def is_of_use(record: logging.LogRecord) -> bool:
    """Say whether a line is worth reading; our server always complains of its eight threads."""
    return not record.getMessage().startswith("Configuration allows spawning")


def logging_settings(*, as_json: bool) -> dict[str, Any]:
    """Return how every process logs, the web server's own included, as logging.config takes it."""
    line = {"()": JsonLines if as_json else TextLines}
    sink = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": {"log": {**sink, "filters": [is_of_use]}},
        "root": {"level": "WARNING", "handlers": ["log"]},
        "loggers": {"_granian": {}, "granian.access": {}},
    }


def set_up_logging(*, verbose: bool, as_json: bool) -> None:
    """Send our log to standard error: mistakes only, until log_events() or *verbose* asks for more."""
    logging.config.dictConfig(logging_settings(as_json=as_json))
    logging.getLogger("aggregator").setLevel(logging.DEBUG if verbose else logging.ERROR)


def log_events() -> None:
    """Log every event, as processes that stay do: nobody watches them print."""
    events = logging.getLogger("aggregator")
    events.setLevel(min(events.level, logging.INFO))
    # a turn that takes longer than its interval is no event: the next one follows it
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
