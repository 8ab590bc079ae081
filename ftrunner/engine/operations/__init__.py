"""One module per command that works with a provider or the lock file."""
