"""New data files from old ones: repaired, converted."""
