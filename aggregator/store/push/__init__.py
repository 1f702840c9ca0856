"""Pushing as rows: who subscribed to us, where we subscribed, and what hubs brought."""
