"""The page that a person's browser gets at the root."""
