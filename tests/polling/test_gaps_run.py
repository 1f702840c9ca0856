"""A gap is filled by the program as a user starts it, on both engines, also when it ends meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from tests.origin import Origin, Reply, Seen
from tests.running import free_port, json_lines, running, wait_until

#: posts of one page, and pages there are
SHOWN, PAGES = 10, 8
BEGAN = datetime.now(UTC) - timedelta(hours=3)


class Blog:
    """A feed of the newest posts, and older ones behind ``?paged=``, as WordPress pages them."""

    def __init__(self, origin: Origin) -> None:
        self.origin, self.newest = origin, SHOWN - 1
        self.url = origin.on("/feed/", self._page(1))
        for number in range(2, PAGES + 1):
            origin.on(f"/feed/?paged={number}", self._page(number))

    def asked(self, page: int) -> int:
        target = "/feed/" if page == 1 else f"/feed/?paged={page}"
        return sum(seen.target == target for seen in list(self.origin.requests))

    def _page(self, number: int) -> Callable[[Seen], Reply]:
        def answer(_: Seen) -> Reply:
            last = self.newest - SHOWN * (number - 1)
            items = "".join(
                f"<item><guid isPermaLink='false'>{n}</guid><title>Post {n}</title><link>/{n}</link>"
                f"<pubDate>{format_datetime(BEGAN + timedelta(minutes=n))}</pubDate></item>"
                for n in range(last, max(last - SHOWN, -1), -1)
            )
            older = f"<atom:link rel='next' href='{self.origin.url(f'/feed/?paged={number + 1}')}'/>"
            head = "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Blog</title>"
            return Reply(200, (), f"{head}{older}{items}</channel></rss>".encode())

        return answer


def test_posts_that_came_and_went_are_read_though_the_program_ends_meanwhile(
    origin: Origin, database_url: str, tmp_path: Path
) -> None:
    blog, port, path = Blog(origin), free_port(), tmp_path / "aggregator.yaml"
    path.write_text(
        f"database: {database_url}\n"
        f"web: {{listen: '127.0.0.1:{port}'}}\n"
        "fetch: {allow_private: [127.0.0.0/8]}\n"
        f"sources: [{{url: '{blog.url}', name: Blog, every: 1s}}]\n",
        "utf-8",
    )
    with running(path, f"http://127.0.0.1:{port}") as program:
        wait_until(lambda: blog.asked(1) >= 2, what="a second poll")
        blog.newest = 44
        wait_until(lambda: blog.asked(4), what="the last page of the gap")
        wait_until(lambda: len(json_lines(path, "articles")) == 45, what="its articles")
        blog.newest = 70
        wait_until(lambda: blog.asked(2) >= 2, what="the next gap")
        program.kill()
    with running(path, f"http://127.0.0.1:{port}"):
        wait_until(lambda: len(json_lines(path, "articles")) == 71, what="all of them")
    titles = {line["title"] for line in json_lines(path, "articles")}
    assert titles == {f"Post {n}" for n in range(71)}
