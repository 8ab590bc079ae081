"""JSON Schemas of ftrunner, as data."""
