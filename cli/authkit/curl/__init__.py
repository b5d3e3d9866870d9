"""curl's command line: what it would send, and how to write it down again."""
