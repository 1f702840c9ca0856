"""Sources as rows: what is configured, whose turn it is, what polls taught, what their sites allow."""
