"""The long-running side: a worker that polls what is due, and the parent of worker and web.

supervisor   the parent: begins worker and web, hands on signals, ends with the first
worker       one process: a tick claims what is due, on the event loop of loop
  poller     claims in, finished polls stored, pace (polls of one site), budget (of all), journal (log)
  files      the configuration and the lists in files: when they are read again
  upkeep     what the store needs besides, with wallclock (a clock that was set)
  hub, subscriber, outgoing, page_texts    beside the polls: push both ways, mail and webhooks, full texts
  steady     keeps each of them going                watchdog   ends a worker that hangs
"""
