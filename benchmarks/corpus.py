"""Compare our reading with other projects' expected values: ``make corpus``.

Prints agreement per field and every disagreement with its reason, then reads every file of
the corpus and a number of mutated ones: nothing but a ParseError may escape, and nothing may
hang. Expected values that contradict a standard stand in docs/reading.md and in deviations.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.errors import ParseError
from aggregator.model import Entry, ParsedFeed
from aggregator.parse.clean import one_line
from aggregator.parse.document import parse_document
from aggregator.parse.html import to_text
from benchmarks.deviations import reason_for
from benchmarks.expectations import Expected, load_expected, load_files

FIELDS = (
    *("count", "id", "title", "link", "published", "updated", "authors", "categories", "enclosures", "body"),
    *("language", "source", "feed title", "feed link", "feed other"),
)
#: one (field, expected, ours, is equal)
Verdict = tuple[str, Any, Any, bool]


def judge(expected: Expected) -> Iterator[Verdict]:
    """Yield a verdict for each value that the origin expects of one file."""
    try:
        parsed = parse_document(expected.path.read_bytes(), url=expected.url, headers=expected.headers)
    except ParseError as error:
        claims = expected.count or expected.entries or expected.by_id or expected.feed
        if claims:
            yield "count", expected.count or len(expected.entries), f"{type(error).__name__}: {error}", False
        return
    if expected.count is not None:
        yield "count", expected.count, len(parsed.entries), expected.count == len(parsed.entries)
    yield from _judge_feed(expected.feed, parsed)
    for position, values in expected.entries.items():
        if position >= len(parsed.entries):
            yield "count", f"an entry {position}", len(parsed.entries), False
            continue
        yield from _judge_entry(values, parsed.entries[position])
    ours = {entry.id or entry.link or "": entry for entry in parsed.entries}
    for identifier, values in expected.by_id.items():
        entry = ours.get(identifier)
        yield "id", identifier, sorted(ours), entry is not None
        if entry is not None:
            yield from _judge_entry(values, entry)


def _judge_feed(values: dict[str, Any], parsed: ParsedFeed) -> Iterator[Verdict]:
    info = parsed.info
    simple = {"subtitle": info.subtitle, "rights": info.rights or ""}
    if "title" in values:
        yield "feed title", values["title"], info.title, _same_text(values["title"], info.title)
    if values.get("link"):
        yield "feed link", values["link"], info.link, _same_url(values["link"], info.link)
    for key, ours in simple.items():
        if key in values:
            yield "feed other", values[key], ours, _same_text(values[key], ours)
    if "language" in values:
        yield "language", values["language"], info.language, values["language"] == info.language
    if "image" in values:
        yield "feed other", values["image"], info.icon, _same_url(values["image"], info.icon)
    for key, value in values.get("people", ()):
        names = {person.name for person in info.authors} | {person.email for person in info.authors}
        yield "feed other", (key, value), names, value in names


def _judge_entry(values: dict[str, Any], entry: Entry) -> Iterator[Verdict]:
    for key, judge_field in _JUDGES.items():
        if key in values:
            yield judge_field(values[key], entry)


def _id(value: Any, entry: Entry) -> Verdict:
    return "id", value, entry.id, value == entry.id or (not entry.id and value == entry.link)


def _title(value: Any, entry: Entry) -> Verdict:
    return "title", value, entry.title, _same_text(value, entry.title)


def _link(value: Any, entry: Entry) -> Verdict:
    return "link", value, entry.link, _same_url(value, entry.link)


def _published(value: Any, entry: Entry) -> Verdict:
    return "published", value, entry.published, _moment(value) == entry.published


def _updated(value: Any, entry: Entry) -> Verdict:
    return "updated", value, entry.updated, _moment(value) == entry.updated


def _date(value: Any, entry: Entry) -> Verdict:
    ours = entry.published or entry.updated
    return "published", value, ours, _moment(value) in {entry.published, entry.updated}


def _people(value: Any, entry: Entry) -> Verdict:
    ours = {person.name for person in entry.authors} | {person.email for person in entry.authors}
    wanted = [text for _, text in value]
    return "authors", wanted, ours, all(text in ours for text in wanted)


def _author(value: Any, entry: Entry) -> Verdict:
    ours = {f"{p.name} ({p.email})" if p.email and p.name else p.name or p.email for p in entry.authors}
    return "authors", value, ours, value in ours


def _any_author(value: Any, entry: Entry) -> Verdict:
    text = str(value)
    ours = [part for person in entry.authors for part in (person.name, person.email) if part]
    return "authors", value, ours, any(part in text or one_line(text) in part for part in ours)


def _categories(value: Any, entry: Entry) -> Verdict:
    ours = [category.term for category in entry.categories]
    wanted = [to_text(str(term)) for term in value]
    return "categories", wanted, ours, all(term in ours for term in wanted if term)


def _tags(value: Any, entry: Entry) -> Verdict:
    ours: dict[str, set[str | None]] = {
        "term": {category.term for category in entry.categories},
        "scheme": {category.scheme for category in entry.categories},
        "label": {category.label for category in entry.categories},
    }
    return "categories", value, ours, all(text in ours[key] for key, text in value)


def _enclosures(value: Any, entry: Entry) -> Verdict:
    ours = [file.url for file in entry.enclosures]
    urls = [item if isinstance(item, str) else item.get("url") or item.get("href") for item in value]
    return "enclosures", urls, ours, all(any(_same_url(url, own) for own in ours) for url in urls if url)


def _files(value: Any, entry: Entry) -> Verdict:
    ours = {str(part) for file in entry.enclosures for part in (file.url, file.type, file.length)}
    return "enclosures", value, ours, all(str(text) in ours for _, text in value)


def _summary(value: Any, entry: Entry) -> Verdict:
    # feedparser copies the content into an absent summary; ours stay two fields
    ours = entry.summary or entry.content
    return "body", value, ours, _same_body(value, ours)


def _content(value: Any, entry: Entry) -> Verdict:
    ours = entry.content or entry.summary
    return "body", value, ours, _same_body(value, ours)


def _contents(value: Any, entry: Entry) -> Verdict:
    return "body", value, entry.content, any(_same_body(text, entry.content) for text in value)


def _body(value: Any, entry: Entry) -> Verdict:
    ours = (entry.content, entry.summary)
    return "body", value, ours[0] or ours[1], any(_same_body(value, text) for text in ours)


def _language(value: Any, entry: Entry) -> Verdict:
    return "language", value, entry.language, value == entry.language


def _comments(value: Any, entry: Entry) -> Verdict:
    return "link", value, entry.comments, _same_url(value, entry.comments)


def _source(value: Any, entry: Entry) -> Verdict:
    ours: dict[str, Any] = {}
    if entry.origin is not None:
        origin = entry.origin
        ours = {
            "title": origin.title,
            "rights": origin.rights,
            "id": origin.id,
            "link": origin.link,
            "href": origin.feed_url,
            "icon": origin.icon,
        }
    return "source", value, ours, all(_same_text(text, ours.get(key) or "") for key, text in value.items())


_JUDGES: dict[str, Callable[[Any, Entry], Verdict]] = {
    "id": _id,
    "title": _title,
    "link": _link,
    "published": _published,
    "updated": _updated,
    "date": _date,
    "people": _people,
    "author": _author,
    "any_author": _any_author,
    "categories": _categories,
    "tags": _tags,
    "enclosures": _enclosures,
    "files": _files,
    "summary": _summary,
    "content": _content,
    "contents": _contents,
    "body": _body,
    "language": _language,
    "comments": _comments,
    "source": _source,
}


def _moment(text: str | None) -> datetime | None:
    return (
        datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC).replace(microsecond=0)
        if text
        else None
    )


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _same_text(value: Any, ours: str) -> bool:
    text = str(value)
    return _squeezed(ours) in {_squeezed(text), _squeezed(to_text(text)), _squeezed(to_text(to_text(text)))}


def _same_body(value: Any, ours: str) -> bool:
    text = str(value)
    own = _squeezed(to_text(ours))
    return own in {_squeezed(to_text(text)), _squeezed(one_line(text))} or ours == text


def _same_url(value: Any, ours: str | None) -> bool:
    theirs = str(value).strip().replace(" ", "%20")
    return theirs == ours or theirs.rstrip("/") == (ours or "").rstrip("/")


def report(corpus: Path, *, show: bool) -> int:
    """Print agreement per field; return the number of disagreements without a reason."""
    agreed: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    missed: dict[str, list[str]] = defaultdict(list)
    for expected in load_expected(corpus):
        for field, value, ours, is_equal in judge(expected):
            if is_equal:
                agreed[field] += 1
                continue
            reason = reason_for(expected.origin, expected.file, field)
            line = f"{field}: {expected.origin}/{expected.file}"
            line += f"\n    expected {value!r:.300}\n    ours     {ours!r:.300}"
            if reason:
                explained[field] += 1
                line += f"\n    reason   {reason}"
            else:
                missed[field].append(line)
            if show:
                print(line)
    print(f"{'field':12} {'agree':>6} {'of':>6} {'percent':>8}  {'explained':>9}  of what can be had")
    for field in FIELDS:
        total = agreed[field] + explained[field] + len(missed[field])
        had = agreed[field] + len(missed[field])
        if total:
            print(
                f"{field:12} {agreed[field]:6} {total:6} {agreed[field] / total:8.2%}  {explained[field]:9}"
                f"  {agreed[field] / had if had else 1:.2%}"
            )
    return sum(map(len, missed.values()))


def count_starts(text: bytes) -> int:
    """Return the number of item and entry start tags outside comments and CDATA."""
    bare = re.sub(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", b"", text, flags=re.DOTALL)
    return len(re.findall(rb"<(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])", bare, re.IGNORECASE))


def read_all(corpus: Path) -> None:
    """Read every file; print what is refused, what has another number of entries, what is slow."""
    refused: Counter[str] = Counter()
    wrong = read = 0
    for path in load_files(corpus):
        body = path.read_bytes()
        began = time.perf_counter()
        try:
            parsed = parse_document(body, url="http://example.com/feed", headers={})
        except ParseError as error:
            refused[str(error)] += 1
            print(f"refused: {path.relative_to(corpus)}: {error}")
            continue
        finally:
            took = time.perf_counter() - began
            if took > 2:
                print(f"slow: {path.relative_to(corpus)}: {took:.1f} s")
        read += 1
        starts = count_starts(body)
        if not parsed.format.startswith("json") and starts != len(parsed.entries) and starts:
            wrong += 1
            print(f"count: {path.relative_to(corpus)}: {starts} start tags, {len(parsed.entries)} entries")
    print(f"{read} files read, {sum(refused.values())} refused, {wrong} with another number of entries")


def mutated(corpus: Path, number: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield *number* corpus files with a few bytes changed, moved, doubled or lost."""
    chance = random.Random(seed)
    files = [path for path in load_files(corpus) if path.stat().st_size < 20_000]
    bodies = {path: path.read_bytes() for path in files}
    for index in range(number):
        path = chance.choice(files)
        body = bytearray(bodies[path])
        for _ in range(chance.randint(1, 6)):
            _mutate(body, chance)
        yield f"{index}:{path.name}", bytes(body)


_BITS = (
    b"<",
    b">",
    b"&",
    b"&#xD800;",
    b"&#0;",
    b"\x00",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"\xff",
    b'"',
    b"&nbsp;",
    b"</",
)


def _mutate(body: bytearray, chance: random.Random) -> None:
    if not body:
        return
    at = chance.randrange(len(body))
    span = chance.randint(1, 40)
    kind = chance.randrange(5)
    if kind == 0:
        body[at] = chance.randrange(256)
    elif kind == 1:
        del body[at : at + span]
    elif kind == 2:
        body[at:at] = chance.choice(_BITS)
    elif kind == 3:
        body[at:at] = body[at : at + span] * chance.randint(1, 4)
    else:
        del body[at + chance.randrange(len(body)) :]


def fuzz(corpus: Path, number: int, seed: int) -> None:
    """Read mutated files; an exception other than ParseError ends the run, slow ones are named."""
    print(f"mutating {number} files, seed {seed}")
    slowest, refused = (0.0, ""), 0
    reasons: Counter[str] = Counter()
    for name, body in mutated(corpus, number, seed):
        began = time.perf_counter()
        try:
            parse_document(body, url="http://example.com/feed", headers={})
        except ParseError as error:
            refused += 1
            reasons[str(error).split("(")[0][:60]] += 1
            if error.__cause__ is not None and "not valid JSON" not in str(error):
                print(f"caught: {name}: {error!r} from {error.__cause__!r}")
        slowest = max(slowest, (time.perf_counter() - began, name))
    for reason, times in reasons.most_common(12):
        print(f"{times:7} refused: {reason}")
    print(f"{number - refused} read, {refused} refused, slowest {slowest[0]:.2f} s ({slowest[1]})")


def main() -> int:
    """Run the comparison and the readings; exit 1 if a disagreement has no reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, default=Path(os.environ.get("AGGREGATOR_CORPUS", "../shared/corpus"))
    )
    parser.add_argument("--mutations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--brief", action="store_true", help="only the table")
    options = parser.parse_args()
    if not options.corpus.is_dir():
        print(f"no corpus at {options.corpus}; set AGGREGATOR_CORPUS")
        return 0
    unexplained = report(options.corpus, show=not options.brief)
    print(f"{unexplained} disagreements without a reason")
    if not options.brief:
        read_all(options.corpus)
    if options.mutations:
        fuzz(options.corpus, options.mutations, options.seed or random.SystemRandom().randrange(2**32))
    return 0


if __name__ == "__main__":
    sys.exit(main())
