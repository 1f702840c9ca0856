"""The long-running side: a worker that polls what is due, and the parent of worker and web.

supervisor   the parent: begins worker and web, hands on signals, ends with the first
worker       one process: its jobs, the first of which claims what is due, on the event loop of loop
  poller     claims in, finished polls out: pace (polls of one site), network (is it down?)
  intake     finished polls become transactions, and lines of the journal (log)
  following  the configuration in force, with files (those it is read from)
  upkeep     what the store needs besides, and the price of a request, with wallclock (a clock that was set)
  hub, subscriber, newsletters, webhooks, page_texts    beside the polls: pushing, mail, calls, full texts
               (page_reader reads one)
  storethread  the one thread that speaks SQL
  steady     keeps each of them going                watchdog   ends a worker that hangs
"""
