"""The lock file: what was done, what is unconfirmed, and who may write."""
