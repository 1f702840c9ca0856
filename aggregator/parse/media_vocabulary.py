"""Elements of podcasts and of pictures that feedparser drops or files under another element's name.

A mixin for feedparser's two parsers, beside our vocabulary. It keeps every transcript, and titles
and descriptions of media and episodes in slots of their own, so that none takes the place of the
entry's. It reads nothing itself.
"""

from __future__ import annotations

from typing import Any

from aggregator.parse.rawvalues import collected, construct, ended, leaf


class MediaVocabulary:
    """Handlers that stand before feedparser's own; ``Any`` because feedparser is untyped."""

    #: inside a media:content
    in_media = False
    #: inside an image that stands outside the feed's own element
    is_behind_feed = False

    _start_media_description = construct("media_description")[0]
    _start_media_title, _end_media_title = construct("media_title")
    _start_itunes_summary, _end_itunes_summary = construct("itunes_summary")
    _start_itunes_subtitle, _end_itunes_subtitle = construct("itunes_subtitle")
    _start_itunes_title = leaf("itunes_title")

    def _start_media_content(self: Any, attrs: dict[str, str]) -> None:
        super()._start_media_content(attrs)  # type: ignore[misc]
        self.in_media = True

    def _end_media_content(self: Any) -> None:
        self.in_media = False

    def _end_media_description(self: Any) -> None:
        text = self.pop_content("media_description")
        if self.in_media:
            self._get_context()["media_content"][-1]["description"] = text

    def _end_itunes_image(self: Any) -> None:
        self._keep_image(self.pop("itunes_image"))

    def _start_image(self: Any, attrs: dict[str, str]) -> None:
        super()._start_image(attrs)  # type: ignore[misc]
        if not self.infeed:
            # the picture of RSS 1.0 stands behind its channel
            self.infeed = self.is_behind_feed = True

    def _end_image(self: Any) -> None:
        held = self.entries[-1].get("image") if self.inentry else None
        text = self.pop("image")
        self.inimage = 0
        if self.is_behind_feed:
            self.infeed = self.is_behind_feed = False
        if self.inentry:
            # pop has written the element's text over what was there
            entry = self.entries[-1]
            entry["image"] = held
            self._keep_image(entry.pop("href", None) or text)

    def _keep_image(self: Any, address: str | None) -> None:
        context = self._get_context()
        if address and not isinstance(dict.get(context, "image"), dict):
            context["image"] = {"href": address}

    def _start_googleplay_image(self: Any, attrs: dict[str, str]) -> None:
        self._start_itunes_image(attrs)

    _end_googleplay_image = _end_itunes_image

    def _start_googleplay_author(self: Any, attrs: dict[str, str]) -> None:
        self._start_author(attrs)

    def _end_googleplay_author(self: Any) -> None:
        self._end_author()

    def _start_googleplay_category(self: Any, attrs: dict[str, str]) -> None:
        self._add_tag(attrs.get("text"), None, None)
        self.push("googleplay_category", 0)

    _start_googleplay_description = _start_itunes_summary
    _end_googleplay_description = _end_itunes_summary

    _start_googleplay_explicit = leaf("itunes_explicit")
    _end_googleplay_explicit = _end_itunes_explicit = ended("itunes_explicit")

    # the number; a name may stand in an attribute
    _start_podcast_season = leaf("podcast_season")
    _start_podcast_episode = leaf("podcast_episode")
    _start_podcast_transcript = collected("podcast_transcript", "transcripts")
    _start_podcast_alternateenclosure = collected("podcast_alternateenclosure", "alternates")
    _start_media_peerlink = collected("media_peerlink", "peer_links")
    _start_podcast_person = collected("podcast_person", "podcast_people")

    _start_podcast_soundbite = collected("podcast_soundbite", "soundbites")

    def _end_podcast_soundbite(self: Any) -> None:
        self._get_context()["soundbites"][-1]["title"] = self.pop("podcast_soundbite")

    def _end_podcast_person(self: Any) -> None:
        self._get_context()["podcast_people"][-1]["name"] = self.pop("podcast_person")

    def _start_podcast_license(self: Any, attrs: dict[str, str]) -> None:
        if "url" in attrs:
            self._get_context().setdefault("links", []).append({"rel": "license", "href": attrs["url"]})
        self.push("podcast_license", 1)

    def _start_podcast_source(self: Any, attrs: dict[str, str]) -> None:
        # of several the first on the web; the others are torrents and the like
        if attrs.get("uri", "").startswith("http"):
            self._get_context()["alternates"][-1].setdefault("url", attrs["uri"])
