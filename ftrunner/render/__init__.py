"""Findings, plans and events become text for people and documents for programs."""
