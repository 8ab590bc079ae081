"""Answers of a model become verdicts."""
