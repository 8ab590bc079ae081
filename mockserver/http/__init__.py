"""Requests and responses: routing, keys, bodies, errors."""
