"""A source is added to a person's file without touching another byte of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.config.edit import add_source
from aggregator.config.load import load_configuration
from aggregator.errors import ConfigurationError

KEYS = {"url": "https://new.example/feed", "name": "It's: new", "tags": ["sea", "land"]}
LINES = "- url: https://new.example/feed\n{0}  name: 'It''s: new'\n{0}  tags: [sea, land]\n"


@pytest.mark.parametrize(
    ("before", "after", "indent"),
    [
        (
            "# mine\nsources:\n  - url: https://a.example/ # first\n    name:   A\n\n  # the end\n"
            "feeds:\n  all: {}\n",
            "\n  # the end\nfeeds:\n  all: {}\n",
            "  ",
        ),
        ("feeds: {all: {}}\nsources:\n- url: https://a.example/\n  tags:\n  - x\n  - y  # why", "", ""),
        ("sources:\n    - {url: https://a.example/}\n", "", "    "),
        (
            "sources:\n  - url: https://a.example/\n    rights: |\n      two\n      lines\n"
            "feeds: {all: {}}\n",
            "feeds: {all: {}}\n",
            "  ",
        ),
    ],
)
def test_the_rest_of_the_file_stays_as_it_was(before: str, after: str, indent: str, tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text(before, "utf-8")
    add_source(path, KEYS, {})
    head = before.removesuffix(after)
    head += "" if head.endswith("\n") else "\n"
    assert path.read_text("utf-8") == head + indent + LINES.format(indent) + after
    added = load_configuration(path, {}).configuration.sources[-1]
    assert (added.url, added.name, added.tags) == ("https://new.example/feed", "It's: new", ("land", "sea"))


def test_a_file_without_sources_gets_them(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text("site: {title: T}", "utf-8")
    add_source(path, {"url": "https://new.example/feed", "name": ""}, {})
    assert path.read_text("utf-8") == "site: {title: T}\n\nsources:\n  - url: https://new.example/feed\n"


NEW = b"  - url: https://new.example/feed\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"sources:\r\n  - url: https://a.example/\r\nfeeds: {}\r\n", b"feeds: {}\r\n"),
        (b"\xef\xbb\xbfsources:\n  - url: https://a.example/\n", b""),
        (b"sources:\n  - url: https://a.example/\t# mine\nfeeds: {}\n", b"feeds: {}\n"),
        (b"sources:\n  -\n    url: https://a.example/\nfeeds: {}\n", b"feeds: {}\n"),
        (
            b"sources:\n  - {url: 'https://a.example/', tags: &t [a]}\n  - url: https://b.example/\n"
            b"    tags: *t\n",
            b"",
        ),
        (
            b"sources:\n  - url: https://a.example/\n    rights: |\n      two\n  # end\n\nfeeds: {}\n",
            b"  # end\n\nfeeds: {}\n",
        ),
        (b"sources:\n  # none yet\nfeeds: {}\n", b"  # none yet\nfeeds: {}\n"),
        (b"feeds: {}\nsources:", b""),
    ],
)
def test_any_layout_with_dashes_is_kept(before: bytes, after: bytes, tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_bytes(before)
    add_source(path, {"url": "https://new.example/feed"}, {})
    new = NEW.replace(b"\n", b"\r\n") if b"\r" in before else NEW
    head = before.removesuffix(after)
    assert path.read_bytes() == head + (b"" if head.endswith(b"\n") else b"\n") + new + after


def test_an_empty_list_becomes_one_with_dashes(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text("sources: []   # none yet\nfeeds: {}\n", "utf-8")
    add_source(path, {"url": "https://new.example/feed"}, {})
    assert path.read_bytes() == b"sources:   # none yet\n" + NEW + b"feeds: {}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_file_stays_with_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text("sources:\n", "utf-8")
    os.chown(path, 1234, 1235)
    path.chmod(0o640)
    add_source(path, {"url": "https://new.example/feed"}, {})
    after = path.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o777) == (1234, 1235, 0o640)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, real = tmp_path / "aggregator.yaml", tmp_path / "elsewhere" / "real.yaml"
    real.parent.mkdir()
    real.write_text("sources:\n", "utf-8")
    path.symlink_to(real)
    add_source(path, {"url": "https://new.example/feed"}, {})
    assert path.is_symlink()
    assert (real.read_bytes(), list(real.parent.iterdir())) == (b"sources:\n" + NEW, [real])


@pytest.mark.parametrize(
    "before",
    [
        "feeds: {}\n...\n",
        "{feeds: {}}\n",
        "  feeds: {}\n",
        "? sources\n: - url: https://a.example/\n    tags:\n    - x\n",
        "sources:\n  - url: https://new.example/feed\n",
        "sources: [{url: 'https://a.example/'}]\n",
        "sources:\n  - url: https://a.example/\n    bad: key\n",
    ],
)
def test_a_file_that_would_be_wrong_is_left_alone(before: str, tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text(before, "utf-8")
    with pytest.raises(ConfigurationError):
        add_source(path, KEYS, {})
    assert path.read_text("utf-8") == before
    assert list(tmp_path.iterdir()) == [path]
