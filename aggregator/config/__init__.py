"""YAML in, one frozen Configuration out, or every reason why not with file, line and column.

    file        where it is, how it looks on disk; Loaded
    load        path                -> Loaded, or ConfigurationError: the order of all the work
    yamlread    bytes               -> tree of nodes that know their place (positions), env fills in ${…}
    schema      plain values        -> checked section, paper, sources, feeds, issues, curating, outgoing;
                kinds of values in fields, requests, addresses, cron, databases, durations, languages, sizes
    references  what names what     -> problems across sections: declared, duplicates, needs; files: presence
    build       checked sections    -> aggregator.model.Configuration
    problems    what is wrong, in file order, with names for what was probably meant
    lists       lists kept by others join the configuration; imports, those of other programs
    edit, writing, jsonschema    files that we write

No stage imports this package: each is handed the small part it needs. Nothing here contacts
the network or the database, and nothing that a file contains ends in a traceback.
"""
