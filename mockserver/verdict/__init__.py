"""Judging a client by what it asked."""
