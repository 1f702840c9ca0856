"""Feeds as rows: what is in each, in which order, its versions, archives and issues."""
