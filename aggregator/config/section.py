"""The base of all sections of the file, how an empty one is read, and what of it the model takes as it is."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Section(BaseModel):
    """Base of all sections: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


#: a section or a list whose lines are all commented out is an empty one
EMPTY_SECTION = BeforeValidator(lambda value: {} if value is None else value)
EMPTY_LIST = BeforeValidator(lambda value: [] if value is None else value)


def taken_as_is(section: Section, kind: Any) -> dict[str, Any]:
    """Return the values of a *section* for which the dataclass *kind* has the same name; lists as tuples."""
    names = kind.__dataclass_fields__.keys() & type(section).model_fields.keys()
    values = {name: getattr(section, name) for name in names}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
