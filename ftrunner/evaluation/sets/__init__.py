"""Answers to the rows of test sets become figures, comparisons and the results of gates."""
