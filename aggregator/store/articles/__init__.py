"""Articles as rows: from a batch of polls in, through what editors decide, to search and retention."""
