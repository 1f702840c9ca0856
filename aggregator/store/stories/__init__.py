"""Stories as rows: what the story index decided, what people corrected, and who tells the same."""
