"""Models and their answers."""
