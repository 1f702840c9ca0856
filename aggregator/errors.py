"""The exceptions of the project, as one tree.

    AggregatorError
    ├── ConfigurationError      the YAML cannot be used; carries every problem found
    ├── QueryError              a query cannot be read; carries the position
    ├── ParseError              a document cannot be read as a feed
    │   ├── NotAFeed            it is something else (HTML with candidates, empty, plain text)
    │   ├── LayoutChanged       a page without feed is not built as its selectors expect
    │   └── ParseKilled         reading it took too long or too much memory
    ├── StoreError              the database cannot be used
    │   ├── StoreTooNew         its schema was written by a later release
    │   └── StoreBusy           another worker owns this SQLite file
    └── NotFound                a name the person gave matches nothing

Expected answers of the web (304, moved, gone, refused, unreachable) are values, not
exceptions: see aggregator.model.fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AggregatorError(Exception):
    """Base of all errors raised on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration file, and where."""

    file: str
    #: 1-based; 0 when the place is not known
    line: int
    #: 1-based; 0 when the place is not known
    column: int
    #: dotted path of the setting, such as ``feeds.front-page.query``; empty for the whole file
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ConfigurationError(AggregatorError):
    """The configuration cannot be used; ``problems`` has every reason, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class QueryError(AggregatorError):
    """A query cannot be read.

    ``position`` is the 0-based character at which reading stopped, None if unknown.
    """

    def __init__(self, message: str, query: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.position = position


class ParseError(AggregatorError):
    """A document cannot be read as a feed; the message is one sentence for ``status``."""


class NotAFeed(ParseError):
    """The document is something else; ``candidates`` are feeds it links to, best first.

    ``best`` is the one that stands out among them, None if none does.
    """

    def __init__(self, message: str, candidates: Sequence[str] = (), best: str | None = None) -> None:
        super().__init__(message, tuple(candidates), best)
        self.candidates = tuple(candidates)
        self.best = best

    def __str__(self) -> str:
        return str(self.args[0])


class LayoutChanged(ParseError):
    """The selectors of a page match nothing, or far fewer entries than usual."""


class ParseKilled(ParseError):
    """Reading the document took more time or memory than a poll may cost."""


class StoreError(AggregatorError):
    """The database cannot be used; the message says what to do."""


class StoreTooNew(StoreError):
    """The database was written by a later release of the aggregator."""


class StoreBusy(StoreError):
    """Another worker process owns this SQLite database."""


class NotFound(AggregatorError):
    """A source, feed, topic or article that was asked for does not exist."""
