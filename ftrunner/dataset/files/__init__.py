"""Data files: found, read in blocks, recognised, written, sent."""
