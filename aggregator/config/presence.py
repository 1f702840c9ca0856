"""Files that a configuration names and that are not there: configuration in, sentences out.

None of them keeps a configuration from being used: a list may come later, a poll says what it lacks, and
without its theme the site has our pages. Whoever looks over the file wants to know all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from aggregator.model import Configuration


def find_missing(configuration: Configuration) -> Iterator[str]:
    """Yield a sentence for each file or folder that is named and not there, in the order of the settings."""
    theme = configuration.site.theme
    if theme is not None and not Path(theme).is_dir():
        yield f"site.theme: there is no folder {theme}; pages are shown as we make them"
    for source in configuration.sources:
        if source.kind == "file" and not (path := Path(url2pathname(urlsplit(source.url).path))).is_file():
            yield f"{source.where}: there is no file {path}"
        yield from _authorities(source.where, source.ca_file)
    yield from _faces(configuration)
    for each in configuration.lists:
        if not each.place.startswith(("http://", "https://")) and not Path(each.place).is_file():
            yield f"{each.where}: there is no list {each.place}"
    if configuration.mail is not None:
        yield from _authorities("mail", configuration.mail.ca_file)


def _faces(configuration: Configuration) -> Iterator[str]:
    """Yield one sentence for all of them: a planet has hundreds."""
    theme = configuration.site.theme
    faces = sorted({each.face for each in configuration.sources if each.face and "/" not in each.face})
    absent = [face for face in faces if theme is None or not Path(theme, "static", face).is_file()]
    if absent:
        home = f"{theme}/static" if theme else "the folder static of a site.theme"
        yield f"sources: {len(absent)} of {len(faces)} faces are not in {home}; one is {absent[0]}"


def _authorities(where: str, ca_file: str | None) -> Iterator[str]:
    if ca_file is not None and not Path(ca_file).is_file():
        yield f"{where}: there is no ca_file {ca_file}"
