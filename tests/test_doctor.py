"""`aggregator doctor`: what is wrong with a machine or its database is found, and what to do is said."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from aggregator.cli import surroundings
from aggregator.cli.context import Session
from aggregator.cli.doctor import examine
from aggregator.cli.surroundings import Finding
from aggregator.model import Web
from aggregator.store.engine import open_engine
from aggregator.store.integrity import find_refusal
from tests.databases import Databases
from tests.origin import Origin, document
from tests.running import free_port, printed

FEED = b'<rss version="2.0"><channel><title>Paper</title><link>http://paper.example/</link></channel></rss>'


@pytest.fixture
def origin():
    with Origin() as made:
        made.on("/feed", document(FEED))
        yield made


def write(folder: Path, origin: Origin, database: str = "sqlite:///one.db", url: str = "") -> Path:
    config = folder / "paper.yaml"
    config.write_text(
        f"database: {database}\nfetch: {{allow_private: ['{origin.at}', '127.0.0.1:1']}}\n"
        f"sources: [{{url: '{url or origin.url('/feed')}'}}]\n"
    )
    return config


def look(config: Path) -> dict[str, str]:
    """Return what is amiss and what to do, by what it is about."""
    session = Session(str(config))
    found: list[Finding] = list(examine(session))
    session.close()
    return {each.what.partition(":")[0]: f"{each.what}; {each.advice}" for each in found if not each.is_well}


def test_all_is_well_where_all_is_well(tmp_path: Path, origin: Origin) -> None:
    said = printed(write(tmp_path, origin), "doctor")
    assert "BAD" not in said
    assert "database: sound" in said


@pytest.mark.parametrize(
    ("minutes", "age", "is_wrong"), [(0, 0, 0), (-90, 0, 1), (-90, 5400, 0), (1500, 0, 1)]
)
def test_a_clock_that_servers_contradict_is_wrong(
    tmp_path: Path, origin: Origin, minutes: int, age: int, is_wrong: int
) -> None:
    said = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    origin.on("/feed", document(FEED, headers=(("Date", said), ("Age", str(age)))))
    found = look(write(tmp_path, origin))
    assert found.keys() == ({"clock"} if is_wrong else set())
    assert "timedatectl" in found.get("clock", "timedatectl")


def test_a_network_without_an_answer_a_full_disk_and_missing_authorities_are_named(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "LITTLE_SPACE", 10**18)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "empty"))
    found = look(write(tmp_path, origin, url="http://127.0.0.1:1/feed"))
    assert found.keys() == {"network", "certificates", "disk"}
    for part, advice in (("network", "firewall"), ("certificates", "ca-certificates"), ("disk", "make room")):
        assert advice in found[part]


def test_a_web_host_without_an_address_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_none(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", find_none)
    found = surroundings._look_at_port(Web(host="paper.example", port=8000))
    assert found.what == "web: paper.example:8000 is free, nothing serves there now"


def test_a_database_that_is_damaged_or_away_is_named(tmp_path: Path, origin: Origin) -> None:
    (tmp_path / "one.db").write_bytes(b"not a database " * 400)
    assert "name another file" in look(write(tmp_path, origin))["database"]
    away = f"postgresql://u:secret@127.0.0.1:{free_port()}/paper"
    said = look(write(tmp_path, origin, away))["database"]
    assert "is PostgreSQL running" in said
    assert "secret" not in said


def test_a_database_that_takes_no_writes_is_named(databases: Databases) -> None:
    url = databases.url("postgresql")
    options = f"{'&' if '?' in url else '?'}options=-c%20default_transaction_read_only%3Don"
    for address, said in ((url, ""), (url + options, "it takes no writes: it is a replica")):
        engine = open_engine(address)
        assert find_refusal(engine).partition(",")[0] == said
        engine.dispose()
