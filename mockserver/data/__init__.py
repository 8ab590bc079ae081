"""Files, fixtures and the records in the store."""
