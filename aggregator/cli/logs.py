"""Log lines: one event a line, as text or JSON; never a line break from a feed."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(0x80, 0xA0), 0x2028, 0x2029)}


class TextLines(logging.Formatter):
    """`time LEVEL logger message`; tracebacks follow on their own indented lines."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{at} {record.levelname:<7} {record.name} {record.getMessage().translate(_ESCAPES)}"
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            line += "".join(f"\n    {part.translate(_ESCAPES)}" for part in trace.splitlines())
        return line


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return json.dumps(event)


def set_up_logging(*, verbose: bool, as_json: bool) -> None:
    """Send our log to standard error: mistakes only, until log_events() or *verbose* asks for more."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("aggregator").setLevel(logging.DEBUG if verbose else logging.ERROR)


def log_events() -> None:
    """Log every event, as processes that stay do: nobody watches them print."""
    events = logging.getLogger("aggregator")
    events.setLevel(min(events.level, logging.INFO))
    # a turn that takes longer than its interval is no event: the next one follows it
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
