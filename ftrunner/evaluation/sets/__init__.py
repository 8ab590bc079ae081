"""Test sets: rows and what they expect, figures of the answers, comparisons and gates."""
