"""Templates of a theme before ours: a folder that the configuration names may replace any of them.

``default/NAME`` is always our own, so that a theme's template can extend what it replaces.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import BaseLoader, Environment, FileSystemLoader, TemplateNotFound

from aggregator.web.desk import Desk

OURS = Path(__file__).with_name("templates")
_DEFAULT = "default/"


class ThemeLoader(BaseLoader):
    """Looks into the theme in force, then into our own templates."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ours = FileSystemLoader(OURS)

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return the text of a template, where it stands, and a call that tells if it is still that."""
        if template.startswith(_DEFAULT):
            return self._ours.get_source(environment, template.removeprefix(_DEFAULT))
        theme = self._theme()
        text, path, is_current = self._load(environment, template, theme)
        return text, path, lambda: self._theme() == theme and (is_current is None or is_current())

    def _load(
        self, environment: Environment, template: str, theme: str | None
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        if theme is not None:
            try:
                return FileSystemLoader(theme).get_source(environment, template)
            except TemplateNotFound:
                pass
        text, path, _ = self._ours.get_source(environment, template)
        # ours stay as they are while we run; only a theme's may come, go or change
        wanted = Path(theme) / template if theme else None
        return text, path, lambda: wanted is None or not wanted.exists()

    def _theme(self) -> str | None:
        configuration = self._desk.find_configuration()
        return configuration.site.theme if configuration else None
