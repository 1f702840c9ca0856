"""Asking a source for its document: a Claim in, an Outcome out, nothing raised for what the web does.

conditional  one poll: a conditional request out, an Outcome back; shape: what a source's settings mean for it
outcome      an answer, or the lack of one -> the Outcome    challenge   bot walls in place of documents
page         the page of an article                          robots      whether it may be read
localfile    a local file, as if a server sent it
"""

from aggregator.fetch.conditional import fetch

__all__ = ["fetch"]
