"""The page for browsers at the root."""
