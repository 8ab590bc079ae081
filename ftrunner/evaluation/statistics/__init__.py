"""Differences between models, with how sure they are. Pure functions of lists of numbers."""
