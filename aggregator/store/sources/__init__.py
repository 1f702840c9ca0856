"""Sources as rows: what is configured, whose turn it is, what polls taught, what their sites allow.

configured   the file's sources become rows: matching (which is which), slugs (short names), lists (of others)
claims       one worker's right to poll, with hosts (budgets of sites)
polled       what a poll taught, with moves (new addresses)
outages      what our own network's cost is undone         habits      what sources brought lately
states       as people ask for them                        cards       as they stand beside articles
desk         the source of hand-written articles
"""
