"""Reproducible measurements: one command each, `python -m benchmarks.NAME --help`, which prints JSON.

polling sources    cycles, with peers beside it; stages (where it goes); smoke (one command); backends
                   (fetching alone); polling (how late entries are found), on the histories of feeds
reading, curating  reading; corpus (others' expected values: expectations, verdicts, deviations);
                   stories; topics
the store          growth, of the operations in store, on archives made by bulk; lists; small (one core)
serving            load; serving; pages; push (our hub); notices (hearing of changes)
several machines   fleet, of workers

What they share: world, origin, prose and vocabulary make feeds to poll; processes tells what a program costs.
"""
