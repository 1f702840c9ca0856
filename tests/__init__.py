"""The tests; a package of its own, because one of our dependencies installs a stray ``tests`` too."""
