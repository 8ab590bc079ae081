"""Training files, tokens and the records in the store."""
