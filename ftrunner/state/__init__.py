"""The lock file: what was done, what is in doubt, and who may write."""
