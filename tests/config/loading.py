"""Text in, what load_configuration makes of it out; shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from aggregator.config.file import Loaded
from aggregator.config.load import load_configuration
from aggregator.errors import ConfigurationError

FILE = "aggregator.yaml"


def load(folder: Path, content: str | bytes, env: Mapping[str, str] | None = None) -> Loaded:
    """Load *content* as a file in *folder*."""
    path = folder / FILE
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_configuration(path, env or {})


def complaints(folder: Path, content: str | bytes, env: Mapping[str, str] | None = None) -> list[str]:
    """Return the problems of *content* as lines without the folder; there must be some."""
    with pytest.raises(ConfigurationError) as caught:
        load(folder, content, env)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]
