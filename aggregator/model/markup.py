"""What publishers' links and HTML keep: which parameters only track, whose frames are players."""

from __future__ import annotations

from dataclasses import dataclass

#: query parameters that follow readers around and never choose what a page shows; ``*`` ends a beginning
TRACKING = (
    *("utm_*", "pk_*", "mtm_*", "piwik_*", "matomo_*", "hsa_*", "fbclid", "gclid", "gclsrc", "dclid"),
    *("wbraid", "gbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "igsh", "mc_cid", "mc_eid"),
    *("_hsenc", "_hsmi", "hsctatracking", "mkt_tok", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id"),
    *("rb_clickid", "s_cid", "wickedid", "_openstat", "xtor", "at_medium", "at_campaign", "at_custom1"),
    *("at_custom2", "at_custom3", "at_custom4", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname"),
    *("ns_fee", "__s", "ml_subscriber", "ml_subscriber_hash", "guccounter", "guce_referrer"),
    *("guce_referrer_sig", "cmpid"),
)
#: hosts whose frames are players of video, audio and maps; a leading dot admits what is below, too
FRAMES = (
    *("www.youtube.com", "youtube.com", "www.youtube-nocookie.com", "youtube-nocookie.com"),
    *("player.vimeo.com", "www.dailymotion.com", "geo.dailymotion.com", "w.soundcloud.com"),
    *("open.spotify.com", "embed.podcasts.apple.com", "bandcamp.com", "www.bbc.co.uk", "embed.ted.com"),
    *("player.twitch.tv", "www.openstreetmap.org", "cdn.embedly.com", "archive.org", "www.slideshare.net"),
    *("player.bilibili.com", "rumble.com", "invidio.us", "www.facebook.com", "widget.deezer.com"),
    *("www.mixcloud.com", "embed.acast.com", "playlist.megaphone.fm", "www.loom.com"),
)


@dataclass(frozen=True, slots=True)
class Markup:
    """What is taken out of links and HTML when a document is read; for all sources."""

    #: names of query parameters in lower case; one that ends with ``*`` is a beginning
    tracking: tuple[str, ...] = TRACKING
    #: hosts in lower case; one that begins with a dot stands for itself and all below it
    frames: tuple[str, ...] = FRAMES
