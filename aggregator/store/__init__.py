"""The database: the only place that knows SQL, and the only importer of SQLAlchemy.

engine, sqlite_file          opening a database           failures   what keeps it from being used, in words
schema, migrations           making it this release's
tables     what is stored, one module for each noun        types, dialect, rows   how it is written
sources    whose turn it is, what polls taught             articles   from a batch of polls to search
stories    who tells the same                              feeds      what is in each, versions, archives
push       hubs and subscribers                            outgoing   newsletters and webhooks
configurations, problems, pulse, overview                  what is in force, and how all of it stands
backup, transfer, integrity, clock                         keeping it
counters, holders, locks, turns, notices, only_worker       several processes on one database

Values flow in and out through functions that take an open connection; callers hold it
for one short transaction (engine.writing, engine.reading) and never fetch inside one.
Nothing here decides what is admitted, placed or polled: it carries out and remembers.
"""
