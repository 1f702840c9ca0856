"""What every command starts from: the configuration file and the store it names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported where used: a command that needs no store starts without one
    from aggregator.config.load import Loaded
    from aggregator.store.engine import Connection, Engine


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
        from aggregator.config.load import find_configuration, load_configuration

        return load_configuration(find_configuration(self.config, os.environ, Path.cwd()))

    @cached_property
    def engine(self) -> Engine:
        """The store, migrated to this release's schema."""
        from aggregator.store.engine import migrate, open_engine

        engine = open_engine(self.loaded.configuration.database)
        migrate(engine)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading."""
        from aggregator.store.engine import reading

        with reading(self.engine) as connection:
            yield connection

    def apply(self) -> None:
        """Put the configuration file in force, with the lists it names; a no-op when it already is."""
        from aggregator.apply import apply_loaded

        if self.loaded.configuration.lists:
            from aggregator.lists import complete

            self.loaded = complete(self.engine, self.loaded, datetime.now(UTC))
        apply_loaded(self.engine, self.loaded, datetime.now(UTC))
