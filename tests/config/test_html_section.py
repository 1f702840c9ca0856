"""The lists of what links and HTML keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config.load import load_configuration
from aggregator.errors import ConfigurationError
from aggregator.model import Configuration
from aggregator.model.markup import FRAMES, TRACKING, Markup


def load(folder: Path, text: str) -> Configuration:
    path = folder / "aggregator.yaml"
    path.write_text(text, "utf-8")
    return load_configuration(path).configuration


def test_without_lists_the_usual_ones_hold(tmp_path: Path) -> None:
    assert load(tmp_path, "feeds: {a: {}}\n").markup == Markup()


def test_default_stands_for_the_usual_list(tmp_path: Path) -> None:
    markup = load(tmp_path, "html: {tracking: [Ref, default, utm_*], frames: [.bay.example]}\n").markup
    assert markup == Markup(("ref", *TRACKING), (".bay.example",))
    assert load(tmp_path, "html: {tracking: [], frames: [default]}\n").markup == Markup((), FRAMES)


@pytest.mark.parametrize(
    "text", ["tracking: ['a=b']", "tracking: ['*']", "frames: ['https://a.example/']", "frames: [localhost]"]
)
def test_what_is_no_name_and_no_host_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"aggregator\.yaml:1:"):
        load(tmp_path, f"html: {{{text}}}\n")
