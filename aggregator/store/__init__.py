"""The database: the only place that knows SQL, and the only importer of SQLAlchemy.

Values flow in and out through functions that take an open connection; callers hold it
for one short transaction (engine.writing, engine.reading) and never fetch inside one.
Nothing here decides what is admitted, placed or polled: it carries out and remembers.
"""
