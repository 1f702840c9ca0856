"""Integrity: what the database says of its own soundness, and whether it takes what we write."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, func, select, text

from aggregator.errors import StoreError
from aggregator.store.dialect import is_postgres
from aggregator.store.engine import reading, writing
from aggregator.store.failures import disk_trouble
from aggregator.store.tables import articles, bodies


def find_damage(engine: Engine) -> str:
    """Return what is wrong with the database, in one sentence; empty if nothing is."""
    try:
        with reading(engine) as connection:
            if engine.dialect.name == "sqlite":
                said = connection.scalar(text("PRAGMA quick_check(1)"))
                if said != "ok":
                    return f"damaged: {' '.join(str(said).split())}"
            lost = connection.scalar(
                select(func.count())
                .select_from(articles.outerjoin(bodies, bodies.c.article_id == articles.c.id))
                .where(bodies.c.article_id.is_(None))
            )
    except StoreError as error:
        return str(error)
    return f"{lost} articles have lost their text" if lost else ""


def find_refusal(engine: Engine) -> str:
    """Return why nothing can be written to the database, in one sentence; empty if it can. Writes nothing."""
    if hindrance := find_hindrance(engine):
        return hindrance
    try:
        with writing(engine) as connection:
            if is_postgres(connection) and connection.scalar(text("SHOW transaction_read_only")) == "on":
                return "it takes no writes: it is a replica, or default_transaction_read_only is set"
    except StoreError as error:
        return str(error)
    return ""


def find_hindrance(engine: Engine) -> str:
    """Return what keeps everybody from writing to the file of the database; empty if nothing does.

    Waits for nobody and asks no server.
    """
    if engine.dialect.name != "sqlite":
        return ""
    path = Path(str(engine.url.database))
    try:
        trouble = disk_trouble(path)
    except OSError as error:
        return f"the database file {path} cannot be looked at: {error.strerror}"
    return f"the disk that holds {path} {trouble}" if trouble else ""
