"""YAML text becomes a `Spec`: bounds, positions, interpolation, schema, rules, in that order."""
