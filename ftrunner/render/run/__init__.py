"""A run as it happens, for people and for programs."""
