"""Expected values of other projects' test feeds, in one shape: what they say of which entry.

The corpus folder flows in, Expected values flow out. Fields that an origin does not speak of
are absent. Nothing is parsed or judged here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: where feedparser's own tests are served from; relative addresses are expected against it
_FEEDPARSER_URL = "http://127.0.0.1:8097/"


@dataclass(frozen=True)
class Expected:
    """What one origin expects of one file."""

    origin: str
    file: str
    path: Path
    url: str
    headers: dict[str, str]
    #: None: the origin does not count them
    count: int | None = None
    feed: dict[str, Any] = field(default_factory=dict)
    #: by position in the document
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    #: by id, for origins that do not keep the document's order
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)


def load_expected(corpus: Path) -> Iterator[Expected]:
    """Yield the expectations of every file that has any."""
    yield from _feedparser(corpus / "feedparser")
    yield from _reader(corpus / "reader")
    yield from _rss_parser(corpus / "rss-parser")


def load_files(corpus: Path) -> Iterator[Path]:
    """Yield every feed file of the corpus, sorted."""
    for folder in sorted(path for path in corpus.iterdir() if path.is_dir()):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.parent != folder:
                yield path


def _feedparser(folder: Path) -> Iterator[Expected]:
    for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        entries: dict[int, dict[str, Any]] = {}
        feed: dict[str, Any] = {}
        count = None
        for claim in record.get("asserts", ()):
            path, value = claim["path"], claim.get("value")
            if path == ["entries"] and "len" in claim:
                count = claim["len"]
            elif path[:1] == ["entries"] and len(path) > 2 and "value" in claim:
                _note(entries.setdefault(path[1], {}), path[2:], value)
            elif path[:1] == ["feed"] and len(path) > 1 and "value" in claim:
                _note(feed, path[1:], value)
        for position, values in record.get("normalised", {}).get("entries", {}).items():
            known = entries.setdefault(int(position), {})
            for key, value in values.items():
                known.setdefault(key, value)
        headers = {name.lower(): value for name, value in record.get("headers", {}).items()}
        yield Expected(
            origin="feedparser",
            file=record["file"],
            path=folder / record["file"],
            url=_FEEDPARSER_URL + record["file"],
            headers={"content-type": "application/xml", **headers},
            count=count,
            feed=feed,
            entries=entries,
        )


_NAMES = {
    "description": "summary",
    "tagline": "subtitle",
    "info": "info",
    "copyright": "rights",
    "guid": "id",
    "issued_parsed": "published_parsed",
    "modified_parsed": "updated_parsed",
    "date_parsed": "updated_parsed",
}


def _note(values: dict[str, Any], path: list[Any], value: Any) -> None:
    """Write one assertion about feedparser's result under our name for it."""
    name = _NAMES.get(str(path[0]), str(path[0]))
    rest = path[1:]
    if not rest and name in {"title", "summary", "link", "id", "subtitle", "rights", "language", "comments"}:
        values[name] = value
    elif rest == ["value"] and name.endswith("_detail"):
        values.setdefault(name.removesuffix("_detail"), value)
    elif name == "content" and rest[1:] == ["value"]:
        values.setdefault("content", value)
    elif name in {"published_parsed", "updated_parsed"} and isinstance(value, list):
        values.setdefault(
            name.removesuffix("_parsed"),
            "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*value[:6]),
        )
    elif name == "tags" and rest[1:] in (["term"], ["scheme"], ["label"]):
        values.setdefault("tags", []).append((rest[1], value))
    elif name == "author" and not rest:
        values["author"] = value
    elif name in {"author_detail", "authors"} and rest[-1:] in (["name"], ["email"]):
        values.setdefault("people", []).append((rest[-1], value))
    elif name == "links" and rest[1:] == ["href"]:
        values.setdefault("hrefs", []).append(value)
    elif name == "enclosures" and rest[1:] and rest[1] in {"href", "url", "length", "type"}:
        values.setdefault("files", []).append((rest[1], value))
    elif name == "source" and rest and rest[0] in {"title", "rights", "id", "link", "href", "icon"}:
        values.setdefault("source", {})[rest[0]] = value
    elif name == "image" and rest in (["href"], ["url"]):
        values["image"] = value


def _reader(folder: Path) -> Iterator[Expected]:
    for file, record in json.loads((folder / "expected.json").read_text(encoding="utf-8")).items():
        by_id = {entry["id"]: _reader_entry(entry) for entry in record["entries"]}
        feed = {key: value for key, value in record["feed"].items() if key in {"title", "link", "subtitle"}}
        yield Expected(
            origin="reader",
            file=file,
            path=folder / "feeds" / file,
            url=record["base_url"],
            headers={},
            count=len(by_id),
            feed=feed,
            by_id=by_id,
        )


def _reader_entry(entry: dict[str, Any]) -> dict[str, Any]:
    made = {key: entry[key] for key in ("id", "title", "link", "summary") if key in entry}
    made["published"] = entry.get("published")
    made["updated"] = entry.get("updated")
    if entry.get("content"):
        made["contents"] = [content["value"] for content in entry["content"]]
    if "authors" in entry:
        made["people"] = [
            (key, author[key]) for author in entry["authors"] for key in ("name", "email") if author.get(key)
        ]
    if "enclosures" in entry:
        made["enclosures"] = [file["href"] for file in entry["enclosures"]]
    return made


def _rss_parser(folder: Path) -> Iterator[Expected]:
    for file, record in json.loads((folder / "expected.json").read_text(encoding="utf-8")).items():
        entries = {}
        for position, entry in enumerate(record["entries"]):
            made = {
                key: entry[key]
                for key in ("id", "title", "link", "categories", "enclosures")
                if entry.get(key)
            }
            made["body"] = entry.get("content")
            made["date"] = entry.get("date")
            made["any_author"] = entry.get("author")
            entries[position] = {key: value for key, value in made.items() if value is not None}
        yield Expected(
            origin="rss-parser",
            file=file,
            path=folder / "feeds" / file,
            url="http://example.com/" + file,
            headers={},
            count=len(entries),
            feed={key: value for key, value in record["feed"].items() if key in {"title", "link"}},
            entries=entries,
        )
