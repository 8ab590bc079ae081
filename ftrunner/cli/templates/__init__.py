"""What `ftrunner init` writes, as data."""
