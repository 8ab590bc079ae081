"""Tokens and prices."""
