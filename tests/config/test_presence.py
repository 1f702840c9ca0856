"""Files that a configuration names and that are not there are told, and keep nothing from being used."""

from __future__ import annotations

from pathlib import Path

from aggregator.config.load import load_configuration
from aggregator.config.presence import find_missing

NAMES_FILES = """
site: {theme: look}
sources:
  - {file: local.xml}
  - {url: "https://a.example/", ca_file: own.pem}
  - {opml: list.opml}
mail: {host: mail.example, from: a@mail.example, ca_file: own.pem}
"""


def missing(folder: Path) -> list[str]:
    (folder / "aggregator.yaml").write_text(NAMES_FILES)
    return list(find_missing(load_configuration(folder / "aggregator.yaml", {}).configuration))


def test_what_is_not_there_is_named_with_its_place(tmp_path: Path) -> None:
    assert missing(tmp_path) == [
        f"site.theme: there is no folder {tmp_path}/look; pages are shown as we make them",
        f"aggregator.yaml:4: there is no file {tmp_path}/local.xml",
        f"aggregator.yaml:5: there is no ca_file {tmp_path}/own.pem",
        f"aggregator.yaml:6: there is no list {tmp_path}/list.opml",
        f"mail: there is no ca_file {tmp_path}/own.pem",
    ]


def test_what_is_there_is_not_named(tmp_path: Path) -> None:
    (tmp_path / "look").mkdir()
    for name in ("local.xml", "own.pem", "list.opml"):
        (tmp_path / name).write_text("")
    assert missing(tmp_path) == []


def test_faces_that_are_not_there_are_told_in_one_sentence(tmp_path: Path) -> None:
    sources = "sources:\n" + "".join(f"  - {{url: 'http://{n}.example/', face: {n}.png}}\n" for n in "abc")

    def told(text: str) -> list[str]:
        (tmp_path / "planet.yaml").write_text(text)
        return list(find_missing(load_configuration(tmp_path / "planet.yaml", {}).configuration))

    assert told(sources) == [
        "sources: 3 of 3 faces are not in the folder static of a site.theme; one is a.png"
    ]
    (tmp_path / "look" / "static").mkdir(parents=True)
    (tmp_path / "look" / "static" / "a.png").write_bytes(b"")
    assert told("site: {theme: look}\n" + sources) == [
        f"sources: 2 of 3 faces are not in {tmp_path}/look/static; one is b.png"
    ]
