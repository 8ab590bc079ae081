"""Findings as text, annotations or SARIF."""
