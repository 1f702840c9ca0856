"""The JSON schema of the configuration file, for editors: `python -m aggregator.config.jsonschema`."""

from __future__ import annotations

import json
import sys
from typing import Any

from aggregator.config.schema import File


def render_schema() -> str:
    """Return the JSON schema as the text of config/schema.json."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_plain(File.model_json_schema(mode="validation")),
        "title": "Feed aggregator configuration",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Take away what pydantic adds and an editor would show: made-up titles, defaults in our own units."""
    made_up = ("title", "default")
    kept = {key: value for key, value in schema.items() if key not in made_up}
    for key, value in kept.items():
        if key in ("properties", "$defs"):
            kept[key] = {name: _plain(below) for name, below in value.items()}
        elif isinstance(value, dict):
            kept[key] = _plain(value)
        elif isinstance(value, list):
            kept[key] = [_plain(each) if isinstance(each, dict) else each for each in value]
    return kept


if __name__ == "__main__":
    sys.stdout.write(render_schema())
