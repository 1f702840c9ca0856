"""Two processes notice the time of issues at once: each is made once, and nothing is told twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from aggregator.pipeline.issuing import make_issues
from aggregator.store.engine import open_engine
from tests.newsroom import PAPERS, Newsroom
from tests.running import environment
from tests.store.making import NOW

FEEDS, DAYS = 8, 2
TITLES = ("Ferry fares go up", "Owl nests in clock tower", "Bakers vote to strike", "Harbour tolls rise")
RACER = """
import sys
from datetime import datetime
from aggregator.pipeline.issuing import make_issues
from aggregator.store.engine import open_engine

engine, now, made = open_engine(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), 0
print("ready", flush=True)
sys.stdin.readline()
while count := make_issues(engine, now):
    made += count
print(made)
"""


def race(url: str, now: str) -> list[int]:
    """Let two processes make what is due, at the same moment; return how many issues each made."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, url, now],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )
        for _ in range(2)
    ]
    for one in racers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in racers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return [int(one.communicate(timeout=60)[0]) for one in racers]


def test_of_two_processes_one_makes_each_issue(database_url: str, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    try:
        feeds = ", ".join(f"f{number}: {{best: day}}" for number in range(FEEDS))
        newsroom = Newsroom(engine, tmp_path, f"{{{feeds}}}")
        newsroom.teller = None
        assert make_issues(engine, NOW) == 0
        for number, title in enumerate(TITLES):
            day, paper = divmod(number, 2)
            newsroom.prints(PAPERS[paper], title, text=f"<p>{title}.</p>", hours=24 * day + 1)
        now = NOW + timedelta(days=DAYS)
        made = race(database_url, now.isoformat())
        # what one left because the other was at it is made when somebody looks again
        made.append(make_issues(engine, now))
        assert sum(made) == FEEDS * DAYS
        for number in range(FEEDS):
            told = Counter(item.article.id for item in newsroom.edition(f"f{number}").items)
            assert (len(told), set(told.values())) == (len(TITLES), {1})
    finally:
        engine.dispose()
