"""Asking a source for its document: a Claim in, an Outcome out, nothing raised for what the web does."""

from aggregator.fetch.conditional import fetch

__all__ = ["fetch"]
