"""What every command starts from: the configuration file and the store it names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from aggregator.apply import apply_loaded
from aggregator.config.load import Loaded, find_configuration, load_configuration
from aggregator.store.engine import Connection, Engine, migrate, open_engine, reading


@dataclass
class Session:
    """One run of the command line; nothing is read or opened before a command asks."""

    config: str | None

    @cached_property
    def loaded(self) -> Loaded:
        """The configuration.

        Raises:
            ConfigurationError: with every problem.
        """
        return load_configuration(find_configuration(self.config, os.environ, Path.cwd()))

    @cached_property
    def engine(self) -> Engine:
        """The store, migrated to this release's schema."""
        engine = open_engine(self.loaded.configuration.database)
        migrate(engine)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading."""
        with reading(self.engine) as connection:
            yield connection

    def apply(self) -> None:
        """Put the configuration file in force; a no-op when it already is."""
        apply_loaded(self.engine, self.loaded, datetime.now(UTC))
