"""YAML in, one frozen Configuration out, or every reason why not with file, line and column.

    yamlread    bytes               -> tree of nodes that know their place     (positions, env)
    schema      plain values        -> checked sections                        (fields, durations, ...)
    references  what names what     -> problems across sections                (declared, duplicates)
    build       checked sections    -> aggregator.model.Configuration
    load        path                -> Loaded, or ConfigurationError            (file)

No stage imports this package: each is handed the small part it needs. Nothing here contacts
the network or the database, and nothing that a file contains ends in a traceback.
"""
