"""All lines together: statistics, repeats, leaks, limits, and what changed."""
