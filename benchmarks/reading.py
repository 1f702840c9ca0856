"""What reading costs against the bare feedparser call with its two flags off, in one run.

Run by hand: ``python -m benchmarks.reading``. Each document is read both ways, alternating,
several rounds; the best round of each counts. CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from pathlib import Path

import feedparser

from aggregator.errors import ParseError
from aggregator.parse.document import parse_document


def bare(body: bytes) -> int:
    """Read with feedparser alone; return the number of entries."""
    result = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": "application/xml", "content-location": "http://example.com/feed"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return len(result.entries)


def ours(body: bytes) -> int:
    """Read with everything; return the number of entries."""
    headers = {"content-type": "application/xml"}
    return len(parse_document(body, url="http://example.com/feed", headers=headers).entries)


def synthetic(entries: int) -> bytes:
    """Return an RSS document of plain entries with a paragraph of HTML each."""
    item = (
        "<item><title>Story number {0}</title><link>https://example.com/story/{0}</link>"
        "<guid isPermaLink='false'>story-{0}</guid><pubDate>Tue, 03 Feb 2026 10:00:00 +0000</pubDate>"
        "<dc:creator>Ann Example</dc:creator><category>news</category>"
        "<description>&lt;p&gt;Paragraph {0} with a &lt;a href='/a/{0}'&gt;link&lt;/a&gt; and words."
        "&lt;/p&gt;</description></item>"
    )
    body = "".join(item.format(number) for number in range(entries))
    return (
        "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
        f"<title>Paper</title><link>https://example.com/</link>{body}</channel></rss>"
    ).encode()


def main() -> None:
    """Print CPU seconds, entries and the ratio for the real feeds of the corpus and a synthetic one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, default=Path(os.environ.get("AGGREGATOR_CORPUS", "../shared/corpus"))
    )
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sets = {"synthetic, 1 document of 2000 entries": [synthetic(2000)]}
    for name in ("fastfeedparser", "codehollow-feedreader", "picofeed", "stalla", "winds", "feedhq"):
        folder = options.corpus / name / "feeds"
        if folder.is_dir():
            sets[name] = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    totals = [0.0, 0.0]
    print(f"{'documents':40} {'entries':>8} {'feedparser':>11} {'ours':>8} {'ratio':>6}")
    for name, bodies in sets.items():
        best = [float("inf"), float("inf")]
        count = 0
        for _ in range(options.rounds):
            for which, read in enumerate((bare, ours)):
                began = time.process_time()
                count = sum(_safely(read, body) for body in bodies)
                best[which] = min(best[which], time.process_time() - began)
        totals = [total + part for total, part in zip(totals, best, strict=True)]
        print(f"{name:40} {count:8} {best[0]:9.3f} s {best[1]:6.3f} s {best[1] / best[0]:6.2f}")
    print(f"{'all':40} {'':8} {totals[0]:9.3f} s {totals[1]:6.3f} s {totals[1] / totals[0]:6.2f}")


def _safely(read, body: bytes) -> int:  # type: ignore[no-untyped-def]
    try:
        return read(body)
    except ParseError:
        return 0


if __name__ == "__main__":
    main()
