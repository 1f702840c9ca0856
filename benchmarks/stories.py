"""How well stories are told apart, and what it costs: `make stories` prints the figures.

In: invented look-alikes (tests/data/stories) and, where the corpus of foreign feeds is there,
captures of real news labelled by hand. Out: precision, recall and F1 over pairs; joins into
an unrelated story and missed articles per 1,000; articles per second as the archive grows,
and bytes of memory for each.
Pairs inside one running affair, and pairs of two languages, count neither way.
"""

from __future__ import annotations

import gc
import itertools
import json
import math
import os
import random
import time
import tracemalloc
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.cli import GARBAGE
from aggregator.curate.stories.grouping import Report, group_articles, told_of
from aggregator.curate.stories.index import StoryIndex
from aggregator.curate.stories.told import Told
from aggregator.parse.document import parse_document
from aggregator.query.text import plain_text

DATA = Path(__file__).parent.parent / "tests" / "data" / "stories"
CORPUS = Path(os.environ.get("AGGREGATOR_CORPUS", Path(__file__).parent.parent.parent / "shared" / "corpus"))
START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Labelled:
    """One labelled article."""

    outlet: str
    language: str
    title: str
    text: str
    link: str | None
    at: datetime
    #: the event it tells; None if no other report tells it
    event: str | None
    #: the affairs it belongs to
    affairs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Figures:
    """How well a sample was told apart."""

    precision: float
    recall: float
    #: per 1,000 articles
    wrong: float
    missed: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.2f}  recall {self.recall:.2f}  F1 {self.f1:.3f}  "
            f"wrong joins {self.wrong:.1f}  missed {self.missed:.1f} per 1,000"
        )


def lookalikes(name: str = "lookalikes") -> list[Labelled]:
    """Return the invented reports of a file: "lookalikes" or "kinds"."""
    reports = []
    for line in (DATA / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        series, event, outlet, hours, language, title, text = line.split("/", 6)
        at = START + timedelta(hours=float(hours))
        reports.append(Labelled(f"{outlet}.{language}", language, title, text, None, at, f"{series} {event}"))
    return reports


def captures(file: str = "corpus", corpus: Path = CORPUS) -> dict[str, list[Labelled]]:
    """Return the labelled captures of a file, "corpus" or "others", by name; empty without the corpus."""
    if not corpus.is_dir():
        return {}
    labels = json.loads((DATA / f"{file}.json").read_text("utf-8"))
    return {name: list(_capture(corpus, name, capture)) for name, capture in labels.items()}


def _capture(corpus: Path, title: str, capture: dict[str, object]) -> Iterator[Labelled]:
    events: dict[tuple[int, int], str] = {}
    affairs: dict[tuple[int, int], set[str]] = defaultdict(set)
    for kind in ("events", "running"):
        for number, group in enumerate(capture[kind]):  # type: ignore[arg-type, var-annotated]
            for file, place in group:
                affairs[file, place].add(f"{title} {kind} {number}")
                if kind == "events":
                    events[file, place] = f"{title} {number}"
    outlets = capture.get("outlets", capture["files"])
    for file, name in enumerate(capture["files"]):  # type: ignore[arg-type, var-annotated]
        parsed = parse_document((corpus / name).read_bytes(), url=f"http://feeds.example/{name}", headers={})
        for place, entry in enumerate(parsed.entries):
            at = entry.published or entry.updated
            if at is None or not str(capture["from"]) <= at.date().isoformat() <= str(capture["to"]):
                continue
            yield Labelled(
                outlets[file],  # type: ignore[index]
                capture["languages"][file],  # type: ignore[index]
                entry.title,
                plain_text((entry.summary or entry.content)[:2000]),
                entry.link,
                at,
                events.get((file, place)),
                frozenset(affairs[file, place]),
            )


def judge(reports: Sequence[Labelled], before: Sequence[Labelled] = ()) -> Figures:
    """Tell the reports to an index in their order, after *before*, and count."""
    index = StoryIndex()
    for number, report in enumerate(before):
        index.tell(_told(-number - 1, report))
    stories: list[int] = []
    members: dict[int, list[Labelled]] = defaultdict(list)
    wrong = missed = 0
    for number, report in enumerate(reports):
        story = index.tell(_told(number + 1, report)).story_id
        inside = members[story]
        if inside and not any(_same(report, other) or _related(report, other) for other in inside):
            wrong += 1
        mates = [other for other in reports[:number] if _same(report, other)]
        if mates and not any(_same(report, other) for other in inside):
            missed += 1
        inside.append(report)
        stories.append(story)
    found = mistaken = lost = 0
    for one, other in itertools.combinations(range(len(reports)), 2):
        together = stories[one] == stories[other]
        if reports[one].language != reports[other].language:
            continue
        if _same(reports[one], reports[other]):
            found, lost = found + together, lost + (not together)
        elif not _related(reports[one], reports[other]):
            mistaken += together
    return Figures(
        found / max(1, found + mistaken),
        found / max(1, found + lost),
        1000 * wrong / len(reports),
        1000 * missed / len(reports),
    )


def _same(one: Labelled, other: Labelled) -> bool:
    return one.event is not None and one.event == other.event and one.language == other.language


def _related(one: Labelled, other: Labelled) -> bool:
    return bool(one.affairs & other.affairs)


def _told(number: int, report: Labelled) -> Told:
    return told_of(
        number,
        Report(title=report.title, summary=report.text, link=report.link, at=report.at, source=report.outlet),
    )


def invented(count: int, seed: int = 5) -> Iterator[Report]:
    """Yield articles of made-up words, as common and as rare as words are, over two weeks."""
    dice = random.Random(seed)
    syllables = [a + b for a in "bcdfglmnprstv" for b in "aeiou"]
    words = list(dict.fromkeys("".join(dice.choices(syllables, k=dice.randint(2, 4))) for _ in range(60_000)))

    def word() -> str:
        return words[int(30 * math.exp(dice.random() * math.log(len(words) / 30))) - 30]

    events: list[list[str]] = []
    for number in range(count):
        if not events or dice.random() > 0.4:
            events.append([word() for _ in range(25)])
            told = events[-1]
        else:
            told = events[-dice.randint(1, min(400, len(events)))]
        title = " ".join([*dice.sample(told, 6), word(), word()])
        text = " ".join([*dice.sample(told, 14), *(word() for _ in range(16))])
        yield Report(
            title=title,
            summary=text,
            at=START + timedelta(days=14) * (number / count),
            source=f"outlet {number % 300}",
        )


def main() -> None:
    """Print the figures."""
    for name in ("lookalikes", "kinds"):
        print(f"{name:17}", judge(sorted(lookalikes(name), key=lambda report: report.at)))
    told = captures()
    if not told:
        print("(no corpus: set AGGREGATOR_CORPUS for the captures of real news)")
    for name, reports in told.items():
        ordered = sorted(reports, key=lambda report: report.at)
        print(f"{name:17}", judge(ordered))
        before = [report for other in told if other < name for report in told[other]]
        if before:
            print(f"{'  after others':17}", judge(ordered, sorted(before, key=lambda report: report.at)))
        random.Random(1).shuffle(ordered)
        print(f"{'  in any order':17}", judge(ordered))
    # small captures of many kinds, years apart: told one after the other
    small = [report for reports in captures("others").values() for report in reports]
    if small:
        print(f"{'others':17}", judge(sorted(small, key=lambda report: report.at)))
    mixed = small + [report for reports in told.values() for report in reports]
    if mixed:
        print(f"{'all captures':17}", judge(sorted(mixed, key=lambda report: report.at)))
    _measure_speed()
    _measure_memory()


def _measure_speed(step: int = 10_000) -> None:
    """Print articles a second of processor time, words and all, as the archive grows."""
    gc.set_threshold(*GARBAGE)  # as the program runs
    reports, index = list(invented(5 * step)), StoryIndex()
    for first in range(0, len(reports), step):
        started = time.process_time()
        deque(group_articles(reports[first : first + step], index, first + 1), maxlen=0)
        spent = time.process_time() - started
        print(f"articles {first + 1:6} to {first + step:6}: {step / spent:6.0f}/s")


def _measure_memory(count: int = 10_000) -> None:
    """Print what the index keeps of each article it remembers."""
    reports, index = list(invented(count)), StoryIndex()
    deque(group_articles(reports[:1]), maxlen=0)  # lists of words are made once
    tracemalloc.start()
    deque(group_articles(reports, index), maxlen=0)
    kept, _ = tracemalloc.get_traced_memory()
    index.forget_portraits()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"bytes in memory for each of {count} articles: {kept / count:.0f}, {left / count:.0f} at rest")


if __name__ == "__main__":
    main()
