"""One line: its JSON, its schema, the rules it must follow."""
