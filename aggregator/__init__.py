"""A self-hosted RSS/Atom feed aggregator: sources in YAML, one store, combined and topic feeds out."""

__version__ = "1.0.0"
