"""Entries that were written before are not written again, and nobody can tell from the bytes."""

from __future__ import annotations

import pytest

from aggregator.publish import whole
from aggregator.publish.render import RENDERERS, render
from tests.publish.editions import card, edition, item


@pytest.mark.parametrize("suffix", RENDERERS)
def test_a_document_is_the_same_with_and_without_memory(suffix):
    shown = edition(item(1), item(2, title="A & B < C"), item(3, image="https://herald.example/3.png"))
    first, again = render(shown, suffix).body, render(shown, suffix).body
    whole._KEPT.clear()
    assert first == again == render(shown, suffix).body


@pytest.mark.parametrize("suffix", RENDERERS)
def test_whatever_changes_about_an_entry_is_written(suffix):
    seen = {render(edition(item(1)), suffix).body}
    for one in (
        item(1, title="Other"),
        item(1, rights="CC0"),
        item(1, source=card(title="Another Herald")),
        item(1, link="https://herald.example/elsewhere"),
    ):
        seen.add(render(edition(one), suffix).body)
    assert len(seen) == 5


@pytest.mark.parametrize("suffix", ["atom", "rss"])
def test_no_entry_declares_a_namespace_of_its_own(suffix):
    body = render(edition(item(1, image="https://herald.example/1.png"), item(2)), suffix).body
    assert body.count(b"xmlns:media=") == 1
    assert body.count(b"xmlns") == body[: body.index(b"<title")].count(b"xmlns")
