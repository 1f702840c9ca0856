"""What each server process imports: the application, made from the environment it was started in."""

from __future__ import annotations

import os

from flask import Flask

from aggregator.store.engine import open_engine
from aggregator.web.app import create_app

#: the SQLAlchemy URL of the store, set by web.serve for the processes it starts
DATABASE_VARIABLE = "AGGREGATOR_WEB_DATABASE"


def application() -> Flask:
    """Return the application for the database named in the environment.

    Raises:
        StoreError: it cannot be used.
    """
    return create_app(open_engine(os.environ[DATABASE_VARIABLE]))
