"""The guarded client (`client`, which alone needs aiohttp) and the values it takes and gives.

shape, target      what is sent, to whom, by which name and with which credentials
addresses, sockets, resolver    the guard: where a connection may lead
exchange, body, unasked         one answer: read within limits, decoded, asked for
redirects          the next hop, decided                                answer, errors   what came of it
freshness          what an answer wishes for the next request
politeness, groups, room        turns by host, whose budget, how much is in memory at once
"""
