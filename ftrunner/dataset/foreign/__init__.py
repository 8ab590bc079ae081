"""Data that other tools write: what it is called, and how it becomes training data."""
