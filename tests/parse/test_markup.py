"""The site's own lists of tracking parameters and of players' hosts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aggregator.model.markup import FRAMES, TRACKING, Markup
from aggregator.parse.html import sanitise
from aggregator.parse.links import strip_tracking
from aggregator.parse.markup import use_markup
from aggregator.parse.sandbox import Sandbox

LINK = "https://a.example/x?utm_source=b&id=7&REF_src=c&ref=d#top"
FRAME = '<p>x</p><iframe src="https://{}/v/1"></iframe>'


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    use_markup(Markup())
    yield
    use_markup(Markup())


def test_the_usual_parameters_go_and_what_the_site_needs_stays() -> None:
    assert strip_tracking(LINK) == "https://a.example/x?id=7&REF_src=c&ref=d#top"


def test_a_list_of_ones_own_replaces_the_usual_one_or_adds_to_it() -> None:
    use_markup(Markup(tracking=("ref*",)))
    assert strip_tracking(LINK) == "https://a.example/x?utm_source=b&id=7#top"
    use_markup(Markup(tracking=(*TRACKING, "ref")))
    assert strip_tracking(LINK) == "https://a.example/x?id=7&REF_src=c#top"
    use_markup(Markup(tracking=()))
    assert strip_tracking(LINK) == LINK


@pytest.mark.parametrize(
    ("host", "frames", "stays"),
    [
        ("www.youtube.com", FRAMES, True),
        ("player.bay.example", FRAMES, False),
        ("player.bay.example", ("player.bay.example",), True),
        ("www.youtube.com", ("player.bay.example",), False),
        ("deep.player.bay.example", (".bay.example",), True),
        ("bay.example", (".bay.example",), True),
        ("evilbay.example", (".bay.example",), False),
        ("bay.example.evil.example", (".bay.example",), False),
    ],
)
def test_frames_stay_for_the_listed_hosts(host: str, frames: tuple[str, ...], stays: bool) -> None:
    use_markup(Markup(frames=frames))
    assert ("<iframe" in sanitise(FRAME.format(host))) is stays


def test_the_processes_that_read_obey_the_lists_of_the_moment() -> None:
    item = f"<item><guid>1</guid><link>{LINK.replace('&', '&amp;')}</link></item>"
    feed = f"<rss version='2.0'><channel><title>x</title>{item}</channel></rss>".encode()
    with Sandbox(workers=1, timeout_s=60, markup=Markup(tracking=("id",))) as sandbox:
        before = sandbox.parse(feed, "https://a.example/", {}).result(timeout=60).entries[0].link
        sandbox.markup = Markup()
        after = sandbox.parse(feed, "https://a.example/", {}).result(timeout=60).entries[0].link
    assert before == "https://a.example/x?utm_source=b&REF_src=c&ref=d#top"
    assert after == "https://a.example/x?id=7&REF_src=c&ref=d#top"
