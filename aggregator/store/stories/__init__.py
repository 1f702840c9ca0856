"""Stories as rows: what the story index decided, what people corrected, and who tells the same.

telling      decisions become rows, and are read back      coverage    stories read
corrections  what a person says about them
"""
