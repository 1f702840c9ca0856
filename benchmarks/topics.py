"""How long it takes to judge one article by many topics.

    python -m benchmarks.topics [--topics 1000] [--articles 300] [--words 500]

The topics are like those people write: alternatives of words, prefixes and phrases, some
with a label, a negation, another topic or a pattern. The articles are made of words with the
uneven frequencies of real text. Everything follows from a fixed seed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time

from aggregator.curate.topics import Rules, compile_rules, place
from aggregator.model import Admission, Configuration, Entry, Feed, Source, Topic
from benchmarks.vocabulary import NOW, vocabulary


def main() -> None:
    """Measure and print one line for each figure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--topics", type=int, default=1000)
    options.add_argument("--articles", type=int, default=300)
    options.add_argument("--words", type=int, default=500)
    chosen = options.parse_args()
    dice = random.Random(7)
    words = vocabulary(dice, 30_000)
    started = time.perf_counter()
    rules = compile_rules(configuration(dice, words, chosen.topics))
    print(f"compile {chosen.topics} topics: {time.perf_counter() - started:.2f} s")
    times, placed = measure(rules, articles(dice, words, chosen.articles, chosen.words))
    middle, mean = statistics.median(times), statistics.mean(times)
    print(f"{chosen.words} words: median {middle:.2f}, mean {mean:.2f}, worst {max(times):.2f} ms of CPU")
    print(f"topics of an article: {statistics.mean(placed):.1f} on average")


def configuration(dice: random.Random, words: list[str], count: int) -> Configuration:
    """Return *count* topics of different shapes over rarer words, and two feeds."""
    topics = [Topic(slug=f"topic-{n}", title="", query=query(dice, words[200:], n)) for n in range(count)]
    feeds = (Feed(slug="front", title="", query="tag:uk -topic:topic-1"), Feed(slug="all", title=""))
    return Configuration(topics=tuple(topics), feeds=feeds)


def query(dice: random.Random, words: list[str], number: int) -> str:
    """Return one topic's query; every tenth refers to an earlier topic, few hold a pattern."""
    parts = [dice.choice(words) for _ in range(4)]
    parts += [word[:-2] + "*" for word in dice.sample(words, 40) if len(word) > 7][:2]
    parts += [f'"{dice.choice(words)} {dice.choice(words)}"' for _ in range(2)]
    if number % 10 == 9:
        parts.append(f"topic:topic-{dice.randrange(number)}")
    text = " OR ".join(parts)
    if number % 4 == 1:
        text = f"({text}) AND tag:uk -{dice.choice(words)}"
    if number % 200 == 3:
        text = f"({text}) OR title:/{dice.choice(words)}s?/"
    return text


def articles(dice: random.Random, words: list[str], count: int, size: int) -> list[Admission]:
    """Return articles whose words are as uneven as in real text."""
    weights = [1 / (rank + 3) for rank in range(len(words))]
    found = []
    for number in range(count):
        text = dice.choices(words, weights, k=size)
        paragraphs = "".join(f"<p>{' '.join(text[at : at + 50])}.</p>" for at in range(0, size, 50))
        entry = Entry(
            id=str(number), key=str(number), title=" ".join(text[:9]), content=paragraphs, words=size
        )
        found.append(
            Admission(
                source_id=1,
                entry=entry,
                article_id=None,
                published_id=f"urn:x:{number}",
                first_seen=NOW,
                sort_date=NOW,
            )
        )
    return found


def measure(rules: Rules, admissions: list[Admission]) -> tuple[list[float], list[int]]:
    """Return milliseconds and number of topics for each article."""
    source = Source(url="https://paper.example/feed", name="The Paper", tags=("uk",))
    times, placed = [], []
    for admission in admissions:
        started = time.process_time()
        found = place(admission, rules, source, "the-paper")
        times.append((time.process_time() - started) * 1000)
        placed.append(len(found.topics))
    return times, placed


if __name__ == "__main__":
    main()
