"""Scenarios and the faults they cause."""
