"""Pushing as rows: who subscribed to us, where we subscribed, and what hubs brought.

hub_requests    what was asked of our hub, until it is confirmed
hub             its subscribers, and what is due to them
subscriptions   ours at hubs of others, from offer to end       inbox       what they delivered
pushes          what polls say about all that                   pushview    all of it, for people who look
"""
