"""What every command starts from: the configuration file and the store it names."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.cli.terminal import counting
from aggregator.errors import AggregatorError, NotFound, StoreError

if TYPE_CHECKING:  # imported where used: a command that needs no store starts without one
    from aggregator.config.file import Loaded
    from aggregator.model import Configuration, SourceState
    from aggregator.store.engine import Connection, Engine


@dataclass
class Session:
    """One run of the command line; nothing is read or opened before a command asks."""

    config: str | None
    #: it logs for programs
    is_json: bool = False
    #: waits for the child process that reads the configuration; None: none does
    _being_loaded: Callable[[], Loaded] | None = None

    @cached_property
    def loaded(self) -> Loaded:
        """The configuration.

        Raises:
            ConfigurationError: with every problem.
        """
        from aggregator.config.file import load

        return self._being_loaded() if self._being_loaded else load(self._find())

    def begin_loading(self) -> None:
        """Have a child process read the configuration, unless it was read: for a command that stays.

        What such a command imports next is imported meanwhile; what both need, before, once.
        """
        import aggregator.pipeline.apply  # noqa: F401
        from aggregator.child_process import start_in_child
        from aggregator.config.file import load

        if "loaded" not in self.__dict__:
            self._being_loaded = start_in_child(load, self._find())

    def _find(self) -> Path:
        from aggregator.config.file import find_configuration

        return find_configuration(self.config, os.environ, Path.cwd())

    @cached_property
    def engine(self) -> Engine:
        """The store, migrated to this release's schema."""
        from aggregator.store.engine import open_engine
        from aggregator.store.schema import migrate_in_child

        engine = open_engine(self.loaded.configuration.database)
        migrate_in_child(engine)
        return engine

    def close(self) -> None:
        """Let go of the store, where it was opened."""
        if "engine" in self.__dict__:
            self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading."""
        from aggregator.store.engine import reading

        with reading(self.engine) as connection:
            yield connection

    def get_source(self, handle: str) -> SourceState:
        """The source of that name, slug, id or URL.

        Raises:
            NotFound: there is none.
        """
        from aggregator.store.sources.states import find_source

        with self.reading() as connection:
            state = find_source(connection, handle)
        if state is None:
            raise NotFound(f"no source is called {handle!r}; `aggregator sources` lists them")
        return state

    def in_force(self, connection: Connection) -> Configuration:
        """The applied configuration, which may be another than the file while that is refused."""
        from aggregator.store.configurations import load_applied

        applied = load_applied(connection)
        return applied.configuration if applied else self.loaded.configuration

    def complete(self) -> None:
        """Read the lists that the configuration file names, too."""
        if self.loaded.configuration.lists:
            from aggregator.pipeline.lists import complete

            self.loaded = complete(self.engine, self.loaded, datetime.now(UTC))

    def apply(self) -> None:
        """Put the configuration file in force, with its lists, and judge stored articles by it.

        A no-op when it is in force already.
        """
        from aggregator.pipeline.apply import apply_loaded

        self.complete()
        apply_loaded(self.engine, self.loaded, datetime.now(UTC), counting("articles judged again"))

    def put_in_force(self) -> None:
        """Put the configuration file in force, with its lists; a worker judges stored articles by it."""
        from aggregator.pipeline.apply import put_in_force

        self.complete()
        put_in_force(self.engine, self.loaded, datetime.now(UTC))

    def catch_up(self) -> None:
        """Put the configuration file in force before a look; where nothing can be written, say so and look.

        Raises:
            StoreError: the store cannot be read either.
        """
        from aggregator.store.integrity import find_hindrance

        hindrance = find_hindrance(self.engine)
        try:
            self.put_in_force()
        except StoreError as error:
            hindrance = hindrance or str(error)
        if hindrance:
            sys.stderr.write(f"nothing is stored now: {hindrance}\n")


def need_temporary_folder() -> None:
    """See to it that there is a folder for temporary files, through which processes speak.

    Raises:
        AggregatorError: there is none, and what to do about it.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        raise AggregatorError(
            "no folder for temporary files can be written to: mount one at /tmp, or name one in $TMPDIR"
        ) from None
