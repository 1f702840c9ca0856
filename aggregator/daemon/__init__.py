"""The long-running side: a worker that polls what is due, and the parent of worker and web."""
